/// Why a script gave no decision.
package struct ScriptFailure: Error, Sendable, Hashable {
    /// The number is what the sandbox sends; Sources/Sandbox/verdict.h has the same.
    package enum Reason: UInt8, Sendable, CaseIterable, Hashable {
        case instructionLimit = 1
        case memoryLimit = 2
        case deadline = 3
        /// It reached for what no script may have, or its process died.
        case sandboxViolation = 4
        case scriptError = 5
        /// Its answer is no decision, or not what it declared.
        case badOutput = 6
        /// The input is larger than the sandbox takes, or not what the script declared.
        case badInput = 7
        /// The sandbox cannot be started here: no program, or a kernel that refuses the confinement.
        case sandboxUnavailable = 8

        /// As it stands in answers, logs and reports.
        package var name: String {
            switch self {
            case .instructionLimit: "instruction_limit"
            case .memoryLimit: "memory_limit"
            case .deadline: "deadline"
            case .sandboxViolation: "sandbox_violation"
            case .scriptError: "script_error"
            case .badOutput: "bad_output"
            case .badInput: "bad_input"
            case .sandboxUnavailable: "sandbox_unavailable"
            }
        }
    }

    package let reason: Reason
    /// One sentence; may quote the script's own words, cut and without control characters.
    package let message: String
    /// Line of the script, counted from 1; nil when it is about no line.
    package let line: Int?

    package init(_ reason: Reason, _ message: String, line: Int? = nil) {
        self.reason = reason
        self.message = String(message.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
        self.line = line
    }
}

extension ScriptFailure: CustomStringConvertible {
    package var description: String {
        reason.name + (line.map { " at line \($0)" } ?? "") + ": " + message
    }
}
