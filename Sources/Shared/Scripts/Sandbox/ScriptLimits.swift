/// What one run of a script may use.
package struct ScriptLimits: Sendable, Hashable {
    /// Instructions of Lua's virtual machine, counted in steps of 100.
    package var instructions: Int
    /// Bytes beyond what the input itself and one copy of the built-in decision take.
    package var memoryBytes: Int
    /// Processor time in milliseconds, whatever else the machine does.
    package var processorMilliseconds: Int
    /// Time on the clock, for a process that neither computes nor ends; far more than a run needs.
    package var patience: Duration
    /// Bytes of the answer, beyond twice those of the built-in decision.
    package var outputBytes: Int
    /// Bytes of everything a script can ask for: request, market, built-in decision.
    package var inputBytes: Int

    package init(
        instructions: Int,
        memoryBytes: Int,
        processorMilliseconds: Int,
        patience: Duration,
        outputBytes: Int,
        inputBytes: Int
    ) {
        self.instructions = instructions
        self.memoryBytes = memoryBytes
        self.processorMilliseconds = processorMilliseconds
        self.patience = patience
        self.outputBytes = outputBytes
        self.inputBytes = inputBytes
    }

    /// Room for a policy that walks over every pod of a large cluster a few hundred times, and little more: a decision is
    /// answered within 25 seconds, the built-in engine's share included.
    package static let standard = ScriptLimits(
        instructions: 100_000_000,
        memoryBytes: 128 << 20,
        processorMilliseconds: 2_000,
        patience: .seconds(10),
        outputBytes: 8 << 20,
        inputBytes: 48 << 20
    )
}
