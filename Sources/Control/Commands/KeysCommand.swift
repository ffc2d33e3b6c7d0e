import Access
import ArgumentParser
import Contract
import FoundationEssentials
import Jobs

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes, lists and revokes API keys.",
        subcommands: [Create.self, List.self, Revoke.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key and prints it alone on standard output. It cannot be shown again.",
            discussion: """
                Example:

                  cloudoptim keys create --tenant acme --name dashboard --scopes read --days 90
                """
        )

        @Option(help: "Whose key it is: jobs of one tenant are not visible to another.")
        var tenant: String

        @Option(help: "What the key is for, for the list of keys.")
        var name: String

        @Option(help: "What it may do, separated by commas: submit, read, models, admin.")
        var scopes = "submit,read"

        @Option(help: "Days until it expires; never when left out.")
        var days: Int?

        func validate() throws {
            guard !tenant.isEmpty, !name.isEmpty else { throw ValidationError("--tenant and --name must not be empty") }
            if let days, !(1...3650).contains(days) { throw ValidationError("--days must be 1 to 3650") }
            _ = try chosenScopes()
        }

        func run() async throws {
            try await Stores.with { stores in
                let key = try await KeyStore(pool: stores.pool).create(
                    tenant: tenant,
                    name: name,
                    scopes: try chosenScopes(),
                    expiresAt: days.map { Date(timeIntervalSinceNow: Double($0) * 86_400) }
                )
                print(key.text)
            }
        }

        private func chosenScopes() throws -> Set<Scope> {
            Set(
                try scopes.split(separator: ",").map { word in
                    guard let scope = Scope(rawValue: String(word)) else {
                        throw ValidationError("\(word) is no scope; scopes are submit, read, models, admin")
                    }
                    return scope
                }
            )
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the keys, without their secrets.",
            discussion: """
                Example:

                  cloudoptim keys list
                """
        )

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Stores.with { stores in
                let records = try await KeyStore(pool: stores.pool).list()
                if output.json { return print(JSONValue.array(records.map(Self.json)).text()) }
                guard !records.isEmpty else { return Terminal.write("no keys; 'cloudoptim keys create' makes one\n") }
                var table = TextTable([
                    .init(heading: "key id"), .init(heading: "tenant"), .init(heading: "name"),
                    .init(heading: "scopes"), .init(heading: "state"), .init(heading: "made"),
                    .init(heading: "expires"),
                ])
                for record in records {
                    table.add([
                        record.identity.keyID, record.identity.tenant.shortened(to: 24), record.name.shortened(to: 30),
                        Self.scopes(record), record.isUsable ? "usable" : "ended",
                        String(record.createdAt.timestampText.prefix(10)),
                        record.expiresAt.map { String($0.timestampText.prefix(10)) } ?? "never",
                    ])
                }
                print(table.text)
            }
        }

        private static func scopes(_ record: KeyStore.Record) -> String {
            record.identity.scopes.map(\.rawValue).sorted().joined(separator: ",")
        }

        private static func json(_ record: KeyStore.Record) -> JSONValue {
            [
                "key_id": .string(record.identity.keyID), "tenant": .string(record.identity.tenant),
                "name": .string(record.name),
                "scopes": .array(record.identity.scopes.map(\.rawValue).sorted().map { .string($0) }),
                "usable": .bool(record.isUsable), "created_at": .string(record.createdAt.timestampText),
                "expires_at": .optional(record.expiresAt?.timestampText),
            ]
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends a key's use, within ten seconds everywhere.",
            discussion: """
                Example:

                  cloudoptim keys revoke 4f1c09d2ab77
                """
        )

        @Argument(help: "The key's id: the twelve digits after sk_.")
        var keyID: String

        func run() async throws {
            try await Stores.with { stores in
                guard try await KeyStore(pool: stores.pool).revoke(keyID) else {
                    throw ControlError("there is no usable key \(keyID); `cloudoptim keys list` shows them")
                }
                print("revoked \(keyID)")
            }
        }
    }
}
