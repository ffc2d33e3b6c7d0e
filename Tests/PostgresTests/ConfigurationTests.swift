import Postgres
import Testing

@Suite("Configuration") struct ConfigurationTests {
    @Test("a full URL is read in every part")
    func full() throws {
        let read = try PostgresConfiguration(
            url: "postgresql://us%40er:p%3Aw%2F%25@db.example:6543/my%20db"
                + "?sslmode=verify-full&sslrootcert=%2Fca.pem&connect_timeout=3&statement_timeout=1500&application_name=a%26b"
        )
        #expect(read.user == "us@er" && read.password == "p:w/%")
        #expect(read.host == "db.example" && read.port == 6_543 && read.database == "my db")
        #expect(read.parameters == ["sslmode": "verify-full", "sslrootcert": "/ca.pem"])
        #expect(read.connectTimeout == .seconds(3) && read.statementTimeout == .milliseconds(1_500))
        #expect(read.applicationName == "a&b")
    }

    @Test(
        "short forms get defaults",
        arguments: [
            ("postgres://", "127.0.0.1", 5_432, "postgres", "postgres"),
            ("postgres://u@h", "h", 5_432, "u", "u"),
            ("postgres://h/d", "h", 5_432, "postgres", "d"),
            ("postgres://u:@[::1]:7/d", "::1", 7, "u", "d"),
            ("postgres://%2Frun%2Fpg/d", "/run/pg", 5_432, "postgres", "d"),
            ("postgres:///d?host=/run/pg", "/run/pg", 5_432, "postgres", "d"),
            ("postgres://u:p@w@h:1/d", "h", 1, "u", "d"),
        ]
    )
    func short(url: String, host: String, port: Int, user: String, database: String) throws {
        let read = try PostgresConfiguration(url: url)
        #expect(read.host == host && read.port == port && read.user == user && read.database == database)
    }

    @Test(
        "a wrong URL is refused without repeating it",
        arguments: [
            "", "mysql://u:secret@h/d", "postgres://u:secret@h:0/d", "postgres://u:secret@h:70000/d",
            "postgres://u:secret@h:x/d", "postgres://u:secret%2@h/d", "postgres://u:secret%zz@h/d",
            "postgres://u:secret%00@h/d", "postgres://u:secret%ff@h/d", "postgres://u:secret@[::1/d",
            "postgres://u:secret@h1,h2/d", "postgres://u:secret@h/d?flag", "postgres://u:secret@h/d?connect_timeout=0",
            "postgres://u:secret@h/d?statement_timeout=x", "postgres://u:secret@h/d?password=secret",
        ]
    )
    func wrong(url: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("secret") == false)
    }

    @Test("a configuration shows its password nowhere")
    func hidden() {
        let configuration = PostgresConfiguration(database: "d", user: "u", password: "tiger-42")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, "\([configuration])"] {
            #expect(!text.contains("tiger-42"))
        }
        #expect("\(configuration)" == "u@127.0.0.1:5432/d")
    }
}
