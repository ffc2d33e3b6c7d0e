import Contract
import HTTPTypes
import Hummingbird
import NIOCore
import Observability

/// `GET /`: what this is and where to go on.
struct ServiceRoutes {
    let prefix: String

    func add(to router: Router<APIContext>) {
        router.get("/") { _, _ in
            let description: JSONValue = [
                "service": "ml-server", "name": "CloudOptim ML Server", "version": .string(Version.current),
                "health": .string("\(prefix)/health"),
                "decisions": [.string("\(prefix)/decision/spot-optimize")],
                "jobs": .string("\(prefix)/jobs/{id}"),
                "queues": .string("\(prefix)/queues"), "fleet": .string("\(prefix)/fleet"),
                "engines": .string("\(prefix)/engines/list"),
                "pricing": [.string("\(prefix)/pricing/spot-advisor"), .string("\(prefix)/pricing/fetch")],
            ]
            return Response(
                status: .ok,
                headers: [.contentType: "application/json; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(bytes: description.bytes()))
            )
        }
    }
}
