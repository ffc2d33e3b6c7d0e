import ArgumentParser
import Jobs

/// What an order concerns: a lane, a kind or a tenant, by its name.
struct RuleTarget: ParsableArguments {
    @Argument(help: "lane, kind or tenant.")
    var scope: QueueRule.Scope

    @Argument(help: "Its name, such as bulk, pricing.fetch or acme.")
    var name: String

    func validate() throws {
        switch scope {
        case .lane:
            guard Lane(rawValue: name) != nil else {
                throw ValidationError("\(name) is no lane; lanes are critical, interactive, batch, bulk")
            }
        case .kind:
            guard JobKind.named(name) != nil else {
                let kinds = JobKind.all.map(\.name).joined(separator: ", ")
                throw ValidationError("\(name) is no kind; kinds are \(kinds)")
            }
        case .tenant:
            guard !name.isEmpty else { throw ValidationError("a tenant's name is not empty") }
        }
    }
}

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Lets nothing of a lane, kind or tenant start; accepting goes on, and what runs is finished.",
        discussion: """
            Example:

              cloudoptim pause kind pricing.fetch --reason "the price list is broken"
            """
    )

    @OptionGroup var target: RuleTarget

    @Option(help: "Why, for those who find it paused.")
    var reason: String?

    func run() async throws {
        try await RuleOrder.give(.paused, target, reason, says: "starts no more jobs; 'cloudoptim resume' ends this")
    }
}

struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Accepts nothing new for a lane, kind or tenant; what waits is worked off.",
        discussion: """
            Example: before a tenant leaves

              cloudoptim drain tenant acme --reason "moves to another fleet"
            """
    )

    @OptionGroup var target: RuleTarget

    @Option(help: "Why, for those who are refused.")
    var reason: String?

    func run() async throws {
        try await RuleOrder.give(.draining, target, reason, says: "accepts nothing new; 'cloudoptim resume' ends this")
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Ends a pause or a drain; a limit stays.",
        discussion: """
            Example:

              cloudoptim resume kind pricing.fetch
            """
    )

    @OptionGroup var target: RuleTarget

    func run() async throws {
        try await RuleOrder.give(.open, target, nil, says: "is open")
    }
}

struct LimitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Bounds how many jobs of a lane, kind or tenant run at once in the whole fleet.",
        discussion: """
            Examples: at most four price fetches; at most fifty jobs of each tenant; no bound any more

              cloudoptim limit kind pricing.fetch 4
              cloudoptim limit tenant '*' 50
              cloudoptim limit kind pricing.fetch --none
            """
    )

    @OptionGroup var target: RuleTarget

    @Argument(help: "How many at once.")
    var count: Int?

    @Flag(help: "Lift the bound.")
    var none = false

    func validate() throws {
        guard none != (count != nil) else { throw ValidationError("give a number, or --none") }
        guard (1...1_000_000).contains(count ?? 1) else { throw ValidationError("the number must be 1 to 1000000") }
    }

    func run() async throws {
        try await Stores.with { stores in
            try await JobLedger(pool: stores.pool).setCap(count, scope: target.scope, name: target.name)
            let bound = count.map { "runs at most \(Age.number($0)) jobs at once" } ?? "runs any number of jobs at once"
            print("\(target.scope.rawValue) \(target.name) \(bound)")
        }
    }
}

/// The common part of pause, drain and resume.
private enum RuleOrder {
    static func give(
        _ mode: QueueRule.Mode,
        _ target: RuleTarget,
        _ reason: String?,
        says effect: String
    ) async throws {
        guard target.name != "*" else {
            throw ControlError("'*' is for limits; name one \(target.scope.rawValue)", status: 2)
        }
        try await Stores.with { stores in
            let ledger = JobLedger(pool: stores.pool)
            try await ledger.setMode(mode, scope: target.scope, name: target.name, reason: reason)
            print("\(target.scope.rawValue) \(target.name) \(effect)")
        }
    }
}
