import Access
import Contract
import Hummingbird
import Logging

/// What travels with a request through the middlewares to its route.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The caller's, or ours: every answer and every log line of the request carries it.
    var requestID = ""
    /// Set by ``AuthenticationMiddleware``.
    var identity: Identity?

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// The caller, who must hold `scope`.
    ///
    /// - Throws: 401 without a caller, 403 without the scope.
    func caller(_ scope: Scope) throws(APIError) -> Identity {
        guard let identity else { throw APIError(.missingCredentials, "this path needs an API key") }
        guard identity.may(scope) else {
            throw APIError(
                .forbidden,
                "this key may not \(scope.rawValue)",
                hint: "Use a key with the scope \(scope.rawValue); an operator makes one with 'cloudoptim keys create'."
            )
        }
        return identity
    }
}
