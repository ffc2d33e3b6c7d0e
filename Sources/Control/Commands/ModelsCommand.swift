import ArgumentParser
import Contract
import FoundationEssentials
import Jobs
import Registry

struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "Uploads, shows and activates models.",
        subcommands: [List.self, Show.self, Upload.self, Activate.self, RollBack.self, Delete.self]
    )

    /// What every command that concerns one model takes.
    struct Target: ParsableArguments {
        @Argument(help: "The model's id, or NAME@VERSION.")
        var model: String

        func find(in store: ModelStore) async throws -> ModelRecord {
            let parts = model.split(separator: "@", maxSplits: 1).map(String.init)
            if parts.count == 2, let found = try await store.model(named: parts[0], version: parts[1]) { return found }
            do {
                if let id = UUID(uuidString: model) { return try await store.model(id) }
            } catch RegistryError.unknown {}
            throw ControlError("there is no model \(model); `cloudoptim models list` shows them")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the models, newest upload first.")

        @Option(help: "Only of this type: spot_predictor, resource_forecaster.")
        var type: ModelType?

        @Flag(help: "Only those that are active.")
        var active = false

        @Option(help: "How many, 1 to 1000.")
        var limit = 50

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...1000).contains(limit) else { throw ValidationError("--limit must be 1 to 1000") }
        }

        func run() async throws {
            try await Stores.with { stores in
                var filter = ModelStore.Filter()
                filter.type = type
                filter.isActive = active ? true : nil
                let models = try await ModelStore(pool: stores.pool).list(filter, limit: limit, offset: 0).models
                print(output.json ? JSONValue.array(models.map(\.json)).text(.asGiven) : ModelView.table(models))
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one model, what is in it and who runs it.")

        @OptionGroup var target: Target

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Stores.with { stores in
                let store = ModelStore(pool: stores.pool)
                let record = try await target.find(in: store)
                let loads = try await store.loads(of: record.id)
                var whole = record.json.object ?? [:]
                whole["description"] = record.description ?? .null
                whole["loaded_by"] = loads
                print(output.json ? JSONValue.object(whole).text(.asGiven) : ModelView.text(record, loads))
            }
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a model the one that answers for its type, or points another alias to it.",
            discussion: """
                Every process has it within a second; what it cannot load it does not use. Example:

                  cloudoptim models activate spot@2.1
                  cloudoptim models activate spot@2.2 --alias canary --share 0.05
                """
        )

        @OptionGroup var target: Target

        @Option(help: "active, canary, shadow, or a name of your own.")
        var alias = ModelAlias.active

        @Option(help: "Of a canary: the share of the requests it answers, above 0, at most 1.")
        var share = 1.0

        func validate() throws {
            guard share > 0, share <= 1 else { throw ValidationError("--share must be above 0 and at most 1") }
            guard alias.wholeMatch(of: /[a-z][a-z0-9_-]{0,49}/) != nil else {
                throw ValidationError("--alias is 1 to 50 lower-case letters, digits, dashes and underscores")
            }
        }

        func run() async throws {
            try await Stores.with { stores in
                let store = ModelStore(pool: stores.pool)
                let record = try await target.find(in: store)
                do {
                    let previous = try await store.point(alias, to: record.id, share: share, by: "cloudoptim")
                    let before = previous.map { " (before: \($0.uuidString.lowercased()))" } ?? ""
                    print("\(alias) of \(record.type.rawValue) is \(record.name) \(record.version)\(before)")
                } catch RegistryError.notReady(let state) {
                    throw ControlError("the model is \(state) and cannot be used yet")
                } catch RegistryError.failsSample(let message) {
                    throw ControlError("the model does not answer its golden sample: \(message)")
                }
            }
        }
    }

    struct RollBack: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rollback",
            abstract: "Points an alias to what it pointed to before its latest move."
        )

        @Argument(help: "The type: spot_predictor, resource_forecaster.")
        var type: ModelType

        @Option(help: "active, canary, shadow, or a name of your own.")
        var alias = ModelAlias.active

        func run() async throws {
            try await Stores.with { stores in
                let store = ModelStore(pool: stores.pool)
                do {
                    let (now, _) = try await store.rollBack(alias, of: type, by: "cloudoptim")
                    let record = try await store.model(now)
                    print("\(alias) of \(type.rawValue) is \(record.name) \(record.version)")
                } catch RegistryError.nothingBefore {
                    throw ControlError("\(alias) of \(type.rawValue) has pointed to no other model that is still there")
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes a model that no alias points to.")

        @OptionGroup var target: Target

        @OptionGroup var consent: ConsentOptions

        func run() async throws {
            try await Stores.with { stores in
                let store = ModelStore(pool: stores.pool)
                let record = try await target.find(in: store)
                try consent.require("This removes \(record.name) \(record.version) with its file")
                do {
                    try await store.delete(record.id)
                    print("deleted \(record.name) \(record.version)")
                } catch RegistryError.inUse(let aliases) {
                    throw ControlError(
                        "\(aliases.joined(separator: ", ")) still points to it; activate another model first"
                    )
                }
            }
        }
    }
}

extension ModelType: ExpressibleByArgument {}
