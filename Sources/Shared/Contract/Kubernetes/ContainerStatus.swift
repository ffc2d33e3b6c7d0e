/// What became of a container.
package struct ContainerStatus: Sendable, Hashable {
    package struct State: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            case waiting, running, terminated
        }

        package var kind: Kind
        /// `OOMKilled`, `Error`, `Completed`, `CrashLoopBackOff` and the like; empty when none is given.
        package var reason: String
        package var message: String
        package var exitCode: Int64?
        package var startedAt: Timestamp?
        package var finishedAt: Timestamp?

        package init(
            kind: Kind,
            reason: String = "",
            message: String = "",
            exitCode: Int64? = nil,
            startedAt: Timestamp? = nil,
            finishedAt: Timestamp? = nil
        ) {
            self.kind = kind
            self.reason = reason
            self.message = message
            self.exitCode = exitCode
            self.startedAt = startedAt
            self.finishedAt = finishedAt
        }

        package var isOOMKilled: Bool { kind == .terminated && reason == "OOMKilled" }
    }

    package var name: String
    package var isInit: Bool
    package var isReady: Bool
    package var restartCount: Int64
    package var state: State?
    /// How the run before this one ended.
    package var lastState: State?

    package init(
        name: String,
        isInit: Bool = false,
        isReady: Bool = false,
        restartCount: Int64 = 0,
        state: State? = nil,
        lastState: State? = nil
    ) {
        self.name = name
        self.isInit = isInit
        self.isReady = isReady
        self.restartCount = restartCount
        self.state = state
        self.lastState = lastState
    }
}
