import Access
import Contract
import HTTPTypes
import Hummingbird
import Logging

/// Finds out who calls, from `X-API-Key` or `Authorization: Bearer`.
///
/// A request without a key goes on without an identity: the route decides what it may see. A wrong key never does.
struct AuthenticationMiddleware: RouterMiddleware {
    let keys: KeyCache

    func handle(
        _ request: Request,
        context: APIContext,
        next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard let text = Self.presented(request.headers) else { return try await next(request, context) }
        guard let key = APIKey(text), let identity = try await keys.identity(of: key) else {
            throw APIError(.invalidCredentials, "this API key is unknown, expired or revoked")
        }
        var context = context
        context.identity = identity
        context.logger[metadataKey: "tenant"] = "\(identity.tenant)"
        return try await next(request, context)
    }

    private static func presented(_ headers: HTTPFields) -> String? {
        if let key = headers[.xAPIKey] { return key }
        guard let authorization = headers[.authorization] else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, ["bearer", "apikey"].contains(parts[0].lowercased()) else { return authorization }
        return String(parts[1])
    }
}
