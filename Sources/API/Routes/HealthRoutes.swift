import Contract
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /health` under the prefix and at the root, where infrastructure probes ask; liveness and readiness beside it.
struct HealthRoutes {
    let probe: HealthProbe

    func add(to router: Router<APIContext>, prefix: String) {
        for base in ["", prefix] {
            router.get("\(base)/health") { _, _ in
                let report = await probe.report()
                return Self.response(report.json, isAvailable: report.canAccept)
            }
            router.get("\(base)/health/live") { _, _ in Self.response(["status": "alive"], isAvailable: true) }
            router.get("\(base)/health/ready") { _, _ in
                let isReady = await probe.report().canAccept
                return Self.response(["status": isReady ? "ready" : "not ready"], isAvailable: isReady)
            }
        }
    }

    private static func response(_ json: JSONValue, isAvailable: Bool) -> Response {
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"]
        if !isAvailable { headers[.retryAfter] = "5" }
        return Response(
            status: isAvailable ? .ok : .serviceUnavailable,
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: json.bytes()))
        )
    }
}
