/// One step of the plan that carries a decision out.
package struct ExecutionStep: Sendable, Hashable {
    /// Machine-readable, such as `launch_spot_instance`.
    package var action: String
    package var parameters: JSONObject
    package var delaySeconds: Int
    package var timeoutSeconds: Int
    /// True for every step that destroys something or cannot be taken back.
    package var requiresConfirmation: Bool
    package var rollbackOnFailure: Bool
    package var description: String

    package init(
        _ action: String,
        parameters: JSONObject = [:],
        delaySeconds: Int = 0,
        timeoutSeconds: Int = 300,
        requiresConfirmation: Bool = false,
        rollbackOnFailure: Bool = true,
        description: String
    ) {
        self.action = action
        self.parameters = parameters
        self.delaySeconds = delaySeconds
        self.timeoutSeconds = timeoutSeconds
        self.requiresConfirmation = requiresConfirmation
        self.rollbackOnFailure = rollbackOnFailure
        self.description = description
    }

    /// The step under its number, counted from 1.
    package func json(number: Int) -> JSONValue {
        [
            "step": .integer(Int64(number)),
            "action": .string(action),
            "parameters": .object(parameters),
            "delay_seconds": .integer(Int64(delaySeconds)),
            "timeout_seconds": .integer(Int64(timeoutSeconds)),
            "requires_confirmation": .bool(requiresConfirmation),
            "rollback_on_failure": .bool(rollbackOnFailure),
            "description": .string(description),
        ]
    }
}
