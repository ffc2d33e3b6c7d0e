import Contract
import HTTPTypes
import Hummingbird

/// Answers 405 with `Allow` where a path exists and a method does not; the router alone would say 404.
enum MethodNotAllowed {
    /// Called after all routes were added.
    static func add(to router: Router<APIContext>) {
        for routes in Dictionary(grouping: router.routes, by: \.path.description).values {
            let path = routes[0].path  // a group is never empty
            var allowed = Set(routes.map(\.method))
            if allowed.contains(.get) { allowed.insert(.head) }  // the router makes these itself
            let header = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete] where !allowed.contains(method)
            {
                router.on(path, method: method) { _, context in
                    var response = ErrorMiddleware.response(
                        APIError(.methodNotAllowed, "this path does not take \(method.rawValue)"),
                        requestID: context.requestID
                    )
                    response.headers[.allow] = header
                    return response
                }
            }
        }
    }
}
