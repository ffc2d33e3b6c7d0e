import Fetch
import Foundation
import Support
import Testing

@testable import Pricing

// Needs the local AWS of the shared folder.
@Suite(
    "Credentials, wherever a deployment keeps them",
    .serialized,
    .enabled(if: FakeAWS.isFound),
    .timeLimit(.minutes(5))
)
struct CredentialChainTests {
    let aws: FakeAWS
    let folder: TemporaryFolder

    init() async throws {
        aws = try await FakeAWS()
        folder = try TemporaryFolder()
    }

    private static let silent = ["AWS_EC2_METADATA_DISABLED": "true"]

    private func chain(_ environment: [String: String]) -> CredentialChain {
        CredentialChain(environment: environment, fetcher: aws.fetcher)
    }

    /// Whether EC2 takes what the chain finds.
    private func isAccepted(_ chain: CredentialChain) async throws -> Bool {
        let client = EC2Client(
            region: "us-east-1",
            credentials: .init(chain),
            endpoint: aws.url + "/",
            fetcher: aws.fetcher,
            environment: FakeAWS.impatient
        )
        return try await InstanceTypeSource(client: client).fetch().count == 929
    }

    private func places() throws -> [(String, [String: String])] {
        [
            (
                "static keys",
                [
                    "AWS_ACCESS_KEY_ID": "AKIDFAKEEXAMPLE00001",
                    "AWS_SECRET_ACCESS_KEY": "fakeSecretKeyForTestsOnly0000000000000001",
                ]
            ),
            (
                "a web identity",
                [
                    "AWS_WEB_IDENTITY_TOKEN_FILE": try folder.write("header.payload.signature\n", to: "token"),
                    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/ml-server", "AWS_ENDPOINT_URL": aws.url,
                ]
            ),
            (
                "a profile",
                [
                    "AWS_PROFILE": "fleet",
                    "AWS_SHARED_CREDENTIALS_FILE": try folder.write(
                        """
                        [default]
                        aws_access_key_id = AKIDOTHER
                        aws_secret_access_key = other
                        # the one that counts
                        [ fleet ]
                        aws_access_key_id=AKIDFAKEEXAMPLE00001
                        aws_secret_access_key = fakeSecretKeyForTestsOnly0000000000000001
                        """,
                        to: "credentials"
                    ),
                ]
            ),
            ("a container's endpoint", ["AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.url + "/v2/credentials/x"]),
            ("the instance's metadata", ["AWS_EC2_METADATA_SERVICE_ENDPOINT": aws.url]),
        ]
    }

    @Test("each place gives keys that EC2 accepts")
    func found() async throws {
        for (place, environment) in try places() {
            #expect(try await isAccepted(chain(environment)), "\(place)")
        }
    }

    @Test("an earlier place wins over a later one")
    func order() async throws {
        let all = try places().map(\.1).reduce(into: [String: String]()) { $0.merge($1) { first, _ in first } }
        #expect(try await chain(all).credentials()?.accessKeyID == "AKIDFAKEEXAMPLE00001")
        let temporary = all.filter { !$0.key.contains("ACCESS_KEY") }
        #expect(try await chain(temporary).credentials()?.sessionToken != nil)
    }

    @Test("where nothing is configured there are none, and nobody waits for it twice")
    func none() async throws {
        let empty = chain(Self.silent)
        #expect(try await empty.credentials() == nil)
        #expect(try await empty.credentials() == nil)
    }

    @Test("credentials that AWS calls expired are renewed, and the request succeeds")
    func expired() async throws {
        let chain = chain(["AWS_EC2_METADATA_SERVICE_ENDPOINT": aws.url])
        let first = try await chain.credentials()
        #expect(try await isAccepted(chain))
        #expect(try await chain.credentials()?.accessKeyID == first?.accessKeyID)

        try await aws.expire()

        #expect(try await isAccepted(chain))
        #expect(try await chain.credentials()?.accessKeyID != first?.accessKeyID)
    }

    @Test("credentials near their end are renewed before it")
    func renewed() async throws {
        try await aws.configure(#"{"token_ttl": 200}"#)
        let chain = chain(["AWS_EC2_METADATA_SERVICE_ENDPOINT": aws.url])
        let first = try await chain.credentials()?.accessKeyID
        #expect(try await chain.credentials()?.accessKeyID != first)
    }

    @Test("a container's token goes with the request; a wrong one is an error, not silence")
    func containerToken() async throws {
        try await aws.configure(#"{"container_token": "right"}"#)
        let url = aws.url + "/v2/credentials/x"
        let right = try folder.write("right\n", to: "container-token")
        #expect(
            try await chain([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": right,
            ]).credentials() != nil
        )
        await #expect(throws: FetchError.self) {
            try await chain([
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong",
            ]).credentials()
        }
    }

    @Test("a place that is configured and does not work is an error: no other identity stands in")
    func broken() async throws {
        let fallback = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": aws.url]
        for broken in [
            ["AWS_PROFILE": "nobody"],
            ["AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/x"],
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/credentials"],
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "nonsense"],
        ] {
            await #expect(throws: FetchError.self, "\(broken)") {
                try await chain(fallback.merging(broken) { $1 }).credentials()
            }
        }
    }
}
