extension Container {
    /// Reads a container of a native pod or pod template.
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(name: try fields.requiredName("name"), image: try fields.text("image"))
        if let resources = try fields.fields("resources") {
            requests = try resources.resourceList("requests")
            limits = try resources.resourceList("limits")
        }
        isRestartableInit = try fields.text("restartPolicy") == "Always"
        if fields.has("ports") {
            hostPorts = try fields.list("ports") { port throws(APIError) in try HostPort(port) }.compactMap { $0 }
        }
        commandLine = Self.commandLine(fields)
    }

    /// Texts in which a Java virtual machine is told its heap; everything else is left out, secrets above all.
    private static func commandLine(_ fields: JSONFields) -> [String] {
        var texts: [String] = []
        for key in ["command", "args"] {
            if case .array(let words) = fields.value(key) { texts += words.compactMap(\.string) }
        }
        if case .array(let variables) = fields.value("env") { texts += variables.compactMap { $0["value"]?.string } }
        return texts.filter(Self.isHeapOption)
    }

    private static func isHeapOption(_ text: String) -> Bool {
        // Most texts hold no hyphen at all; looking for one first is cheap.
        guard text.utf8.contains(UInt8(ascii: "-")) else { return false }
        return text.contains("-Xm") || text.contains("-XX:")
    }
}

extension HostPort {
    /// Nothing for a port that takes none on the node.
    fileprivate init?(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        guard let port = try fields.count("hostPort"), port > 0 else { return nil }
        guard port <= 65_535 else {
            throw JSONReader(.integer(port), path: .key(fields.path, "hostPort")).invalid("must be 1 to 65535")
        }
        let proto = try fields.nameIfPresent("protocol") ?? "TCP"
        let address = try fields.nameIfPresent("hostIP") ?? "0.0.0.0"
        self.init(port: Int(port), protocol: proto, hostIP: address == "::" ? "0.0.0.0" : address)
    }
}

extension ContainerStatus {
    init(_ reader: JSONReader, isInit: Bool) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(
            name: try fields.requiredName("name"),
            isInit: isInit,
            isReady: try fields.flag("ready"),
            restartCount: try fields.count("restartCount") ?? 0,
            state: try fields.fields("state").flatMap(State.init(_:)),
            lastState: try fields.fields("lastState").flatMap(State.init(_:))
        )
    }
}

extension ContainerStatus.State {
    /// Nothing for an empty state, which is how the API writes that there is none.
    fileprivate init?(_ fields: JSONFields) throws(APIError) {
        for kind in [Kind.running, .terminated, .waiting] {
            guard let state = try fields.fields(kind.rawValue) else { continue }
            self.init(
                kind: kind,
                reason: try state.text("reason"),
                message: try state.text("message"),
                exitCode: try state.integer("exitCode"),
                startedAt: try state.time("startedAt"),
                finishedAt: try state.time("finishedAt")
            )
            return
        }
        return nil
    }
}

extension Condition {
    init(_ reader: JSONReader) throws(APIError) {
        let fields = try JSONFields(reader)
        self.init(
            type: try fields.requiredName("type"),
            status: try fields.choice("status", Status.self),
            reason: try fields.text("reason"),
            lastTransition: try fields.time("lastTransitionTime")
        )
    }
}
