import Access
import Contract
import HTTPTypes
import Hummingbird
import Jobs
import NIOCore

/// `GET /jobs/{id}`: where a job stands; with `?wait=N`, once it has ended.
struct JobRoutes {
    let jobs: JobGateway

    func add(to group: RouterGroup<APIContext>) {
        group.get("jobs/:id") { request, context in
            try await status(request, context)
        }
    }

    private func status(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try context.caller(.read)
        let text = try context.parameters.require("id")
        guard let id = JobID(text) else {
            throw APIError(.malformedID, "\(text.prefix(60)) is not the shape of a job id", field: "id")
        }
        let wait = try Self.wait(request)
        let tenant = caller.may(.admin) ? nil : caller.tenant
        guard var record = try await jobs.ledger.job(id, tenant: tenant) else {
            throw APIError(.jobNotFound, "there is no job \(id)", field: "id")
        }
        if let wait, !record.state.isTerminal, await jobs.wait(for: id, atMost: wait) != nil {
            record = try await jobs.ledger.job(id, tenant: tenant) ?? record
        }
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
        if !record.state.isTerminal { headers[.retryAfter] = "1" }
        return Response(
            status: .ok,
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: JobStatusBody(record).bytes))
        )
    }

    private static func wait(_ request: Request) throws(APIError) -> Duration? {
        guard let text = request.uri.queryParameters["wait"] else { return nil }
        let most = JobGateway.longestWait.components.seconds
        guard let seconds = Int64(text), (0...most).contains(seconds) else {
            throw APIError(
                .invalidValue,
                "wait must be a whole number of seconds from 0 to \(most)",
                field: "wait",
                hint: "Ask again with ?wait=\(most) for a longer wait."
            )
        }
        return .seconds(seconds)
    }
}
