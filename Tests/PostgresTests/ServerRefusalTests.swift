import Testing

@testable import Postgres

@Suite("Why a server refused a connection")
struct ServerRefusalTests {
    @Test("the state is read out of libpq's verbose text, and neither it nor the server's source is shown")
    func state() {
        let refusal = ServerRefusal(
            """
            connection to server at "127.0.0.1", port 5432 failed: FATAL:  28P01: password authentication failed for user "ml"
            LOCATION:  auth_failed, auth.c:335
            """
        )
        #expect(refusal.sqlState == "28P01")
        #expect(
            refusal.message
                == #"connection to server at "127.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "ml""#
        )
        // Severity and place are translated, the state is not.
        #expect(
            ServerRefusal("FATAL:  57P03: das Datenbanksystem startet\nORT:  ProcessStartupPacket, postmaster.c:1")
                .sqlState == "57P03"
        )
    }

    @Test(
        "what no server said has no state and stays as it is",
        arguments: [
            "", "could not translate host name \"x:  Y0000\" to address: Name or service not known",
            "connection to server at \"::1\", port 1 failed: Connection refused\n\tIs the server running on that host?",
            "FATAL:  password authentication failed", "FATAL:  28p01: lower case", "FATAL:  28P0",
        ]
    )
    func other(_ text: String) {
        #expect(ServerRefusal(text).sqlState == nil)
        #expect(ServerRefusal(text).message == text)
    }

    @Test("a wrong name and an absent database are final; a server that starts or is full is not")
    func retryable() {
        for state in ["28P01", "28000", "3D000"] {
            #expect(!PostgresError(.connectionFailed, "", sqlState: state).isRetryable)
        }
        for state in ["57P03", "53300", nil] {
            #expect(PostgresError(.connectionFailed, "", sqlState: state).isRetryable)
        }
    }
}
