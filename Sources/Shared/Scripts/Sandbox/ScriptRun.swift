package import Contract

/// What came of one run of a script.
package struct ScriptRun: Sendable {
    /// What `decide` returned.
    package let result: Result<JSONValue, ScriptFailure>
    package let instructions: Int
    package let peakMemoryBytes: Int
    /// What the script logged, a line each.
    package let log: [String]
    /// Messages that no longer fitted.
    package let droppedLogLines: Int

    package init(failure: ScriptFailure) {
        result = .failure(failure)
        instructions = 0
        peakMemoryBytes = 0
        log = []
        droppedLogLines = 0
    }

    /// Reads the verdict that the sandbox wrote; nil for bytes that are none.
    init?(verdict bytes: [UInt8]) {
        var reader = WireReader(bytes[...])
        guard
            (try? reader.bytes(4)).map(Array.init) == Array("CLR1".utf8),
            let reason = try? reader.number(1), let line = try? reader.number(4),
            let instructions = try? reader.number(8), let peak = try? reader.number(8),
            let dropped = try? reader.number(4), let logLength = try? reader.number(4),
            let messageLength = try? reader.number(4), let valueLength = try? reader.number(4),
            let log = try? reader.bytes(Int(logLength)), let message = try? reader.bytes(Int(messageLength)),
            let value = try? reader.bytes(Int(valueLength)), reader.isAtEnd
        else { return nil }
        if reason == 0 {
            do throws(WireReader.Fault) {
                result = .success(try WireReader.value(value))
            } catch {
                result = .failure(ScriptFailure(.badOutput, error.description))
            }
        } else {
            guard let reason = ScriptFailure.Reason(rawValue: UInt8(truncatingIfNeeded: reason)) else { return nil }
            let text = String(decoding: message, as: UTF8.self)
            result = .failure(ScriptFailure(reason, text, line: line > 0 ? Int(line) : nil))
        }
        self.instructions = Int(clamping: instructions)
        peakMemoryBytes = Int(clamping: peak)
        self.log = log.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
            .map { String(decoding: $0, as: UTF8.self) }
        droppedLogLines = Int(clamping: dropped)
    }
}
