/// A container of a pod or of a pod template.
package struct Container: Sendable, Hashable {
    package var name: String
    package var image: String
    /// As written; ``effectiveRequest`` is what the scheduler counts.
    package var requests: ResourceList
    package var limits: ResourceList
    package var hostPorts: [HostPort]
    /// An init container with restartPolicy Always: a sidecar that goes on running.
    package var isRestartableInit: Bool
    /// Command, arguments and environment values that may hold JVM options; empty when the dump has none.
    package var commandLine: [String]

    package init(
        name: String,
        image: String = "",
        requests: ResourceList = .init(),
        limits: ResourceList = .init(),
        hostPorts: [HostPort] = [],
        isRestartableInit: Bool = false,
        commandLine: [String] = []
    ) {
        self.name = name
        self.image = image
        self.requests = requests
        self.limits = limits
        self.hostPorts = hostPorts
        self.isRestartableInit = isRestartableInit
        self.commandLine = commandLine
    }

    /// Requests; a resource without one counts with its limit, and with zero when it has neither.
    package var effectiveRequest: ResourceAmounts { requests.defaulting(to: limits).amounts }
}
