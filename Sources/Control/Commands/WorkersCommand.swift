import ArgumentParser
import FoundationEssentials
import Jobs

struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers",
        abstract: "Lists the workers, and makes them quiet, stop or go on.",
        subcommands: [List.self, Quiet.self, Stop.self, Resume.self],
        defaultSubcommand: List.self
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the workers seen within the last hour.",
            discussion: """
                Example:

                  cloudoptim workers list
                """
        )

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Stores.with { stores in
                let ledger = JobLedger(pool: stores.pool)
                let workers = try await ledger.workers()
                if output.json { return print(OperatorsJSON.text(workers)) }
                guard !workers.isEmpty else { return Terminal.write("no worker has been seen within the last hour\n") }
                let now = try await ledger.now()
                var table = TextTable([
                    .init(heading: "worker"), .init(heading: "host"), .init(heading: "pid", isNumber: true),
                    .init(heading: "state"), .init(heading: "running", isNumber: true),
                    .init(heading: "slots", isNumber: true), .init(heading: "up", isNumber: true),
                    .init(heading: "seen", isNumber: true), .init(heading: "version"), .init(heading: "lanes"),
                ])
                for worker in workers {
                    table.add([
                        worker.shortID, worker.host, "\(worker.processID)", worker.stateText, "\(worker.running)",
                        "\(worker.slots)", Age.text(from: worker.startedAt, to: now),
                        Age.text(from: worker.lastSeen, to: now) + " ago", worker.version, worker.laneText,
                    ])
                }
                print(table.text)
            }
        }
    }

    struct Quiet: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets workers take nothing new; what they run goes on. 'workers resume' ends it.",
            discussion: """
                Example: before a machine is looked at

                  cloudoptim workers quiet 7b1a9d4e
                """
        )

        @OptionGroup var choice: WorkerChoice

        func run() async throws { try await choice.order(.quiet, says: "takes nothing new") }
    }

    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stops workers as SIGTERM does: unfinished jobs go back to the queue, no attempt is charged.",
            discussion: """
                What starts workers may start them again.

                Example:

                  cloudoptim workers stop 7b1a9d4e
                """
        )

        @OptionGroup var choice: WorkerChoice

        @OptionGroup var consent: ConsentOptions

        func run() async throws {
            if choice.all { try consent.require("all workers will stop") }
            try await choice.order(.stop, says: "stops")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets quiet workers take work again.",
            discussion: """
                Example:

                  cloudoptim workers resume --all
                """
        )

        @OptionGroup var choice: WorkerChoice

        func run() async throws { try await choice.order(.none, says: "takes work again") }
    }
}

/// Which workers are meant.
struct WorkerChoice: ParsableArguments {
    @Argument(help: "The beginnings of their ids, as 'workers list' shows them.")
    var ids: [String] = []

    @Flag(help: "All that are alive.")
    var all = false

    func validate() throws {
        guard all == ids.isEmpty else { throw ValidationError("name workers, or give --all") }
        guard ids.allSatisfy({ $0.count >= 4 }) else {
            throw ValidationError("give at least four characters of an id; 'cloudoptim workers list' shows them")
        }
    }

    func order(_ orders: WorkerOrders, says effect: String) async throws {
        try await Stores.with { stores in
            let ledger = JobLedger(pool: stores.pool)
            let alive = try await ledger.workers().filter(\.isAlive)
            var chosen: [WorkerRecord] = all ? alive : []
            for id in ids {
                let matching = alive.filter { $0.id.uuidString.lowercased().hasPrefix(id.lowercased()) }
                guard let one = matching.first, matching.count == 1 else {
                    let problem = matching.isEmpty ? "no worker alive has" : "\(matching.count) workers have"
                    throw ControlError("\(problem) an id that begins with \(id); nobody was told anything")
                }
                chosen.append(one)
            }
            guard !chosen.isEmpty else { throw ControlError("no worker is alive") }
            let told = try await ledger.order(orders, workers: chosen.map(\.id))
            for worker in chosen where told.contains(worker.id) {
                print("\(worker.shortID)  \(worker.host), pid \(worker.processID): \(effect) within a second")
            }
        }
    }
}

extension WorkerRecord {
    var shortID: String { String(id.uuidString.lowercased().prefix(8)) }

    fileprivate var stateText: String {
        if !isAlive { return "gone" }
        if isStopping || orders == .stop { return "stopping" }
        return orders == .quiet ? "quiet" : "works"
    }

    fileprivate var laneText: String {
        Set(lanes) == Set(Lane.allCases) ? "all" : lanes.sorted().map(\.rawValue).joined(separator: " ")
    }
}
