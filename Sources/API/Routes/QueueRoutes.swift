import Access
import Contract
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore

/// `GET /queues` and `GET /ml/fleet`: what waits, what holds it, and how many workers it asks for.
struct QueueRoutes {
    let jobs: JobGateway
    let watch: OperationsWatch

    func add(to group: RouterGroup<APIContext>) {
        group.get("queues") { _, context in
            let caller = try context.caller(.read)
            let reading = try await watch.reading()
            // Whom an operator slowed down is that tenant's business, and nobody else's.
            let rules = try await jobs.ledger.rules().filter { rule in
                rule.scope != .tenant || caller.may(.admin) || rule.name == caller.tenant
            }
            return Response(
                json: """
                    {"lanes":\(OperatorsJSON.text(lanes: reading.counts, at: reading.signal.at)),\
                    "rules":\(OperatorsJSON.text(rules))}
                    """
            )
        }
        group.get("fleet") { _, context in
            _ = try context.caller(.read)
            return Response(json: try await watch.reading().signal.json)
        }
    }
}

extension Response {
    /// JSON text that must not be kept by anybody on the way.
    init(_ status: HTTPResponse.Status = .ok, json: String, headers: HTTPFields = [:]) {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        headers[.cacheControl] = "no-store"
        self.init(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: json)))
    }
}
