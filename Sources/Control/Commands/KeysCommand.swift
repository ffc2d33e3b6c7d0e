import Access
import ArgumentParser
import FoundationEssentials

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes, lists and revokes API keys.",
        subcommands: [Create.self, List.self, Revoke.self]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key and prints it alone on standard output. It cannot be shown again."
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
        static let configuration = CommandConfiguration(abstract: "Lists the keys, without their secrets.")

        func run() async throws {
            try await Stores.with { stores in
                for record in try await KeyStore(pool: stores.pool).list() {
                    let scopes = record.identity.scopes.map(\.rawValue).sorted().joined(separator: ",")
                    let state = record.isUsable ? "usable" : "ended"
                    print(
                        "sk_\(record.identity.keyID)_…  \(record.identity.tenant)  \(record.name)  \(scopes)  \(state)"
                    )
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a key's use, within ten seconds everywhere.")

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
