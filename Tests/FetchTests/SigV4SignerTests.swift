import FoundationEssentials
import Glibc
import Testing

@testable import Fetch

@Suite("SigV4 signer")
struct SigV4SignerTests {
    struct Vector: Decodable, Sendable {
        var method: String
        var url: String
        var body: String
        var headers: [[String]]
        var token: String?
        var secret: String
        var stamp: String
        var signature: String
    }

    static let seconds = [
        "20240115T120000Z": 1_705_320_000, "19991231T235959Z": 946_684_799, "20280229T000001Z": 1_835_395_201,
    ]

    /// From botocore 1.43.11, through Resources/sigv4_vectors.py.
    static let fixed = [
        Vector(
            method: "POST",
            url: "http://h.example:1234/",
            body: "Action=DescribeRegions&Version=2016-11-15",
            headers: [["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]],
            token: "T+/=token",
            secret: "secret/1+KEY",
            stamp: "19991231T235959Z",
            signature: "1174d2961a6a24aca9d44d0e48e1cb4c5d49bb699e10e6bd20439d59faa9d590"
        ),
        Vector(
            method: "GET",
            url: "http://h.example:1234/?Version=2&Action=D&A-b=1&A=",
            body: "",
            headers: [],
            secret: "secret/3+KEY",
            stamp: "20240115T120000Z",
            signature: "311144e167e3f11f450941113852a885a3f082d90af2a3bdb91257ef05fa1046"
        ),
        Vector(
            method: "GET",
            url: "http://h.example:1234/%C3%A9/~user?key=%E2%82%AC&empty=",
            body: "",
            headers: [],
            secret: "secret/7+KEY",
            stamp: "19991231T235959Z",
            signature: "a19a706d9996dad2f8e557b304380a49147955400a008067b29a157280451825"
        ),
    ]

    /// Made now by botocore, where Python has it; empty elsewhere, and then the test below is skipped.
    static let generated: [Vector] = {
        let script = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        guard let pipe = popen("python3 '/\(script)/Resources/sigv4_vectors.py' 2>/dev/null", "r") else { return [] }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4_096)
        while case let count = fread(&block, 1, block.count, pipe), count > 0 { bytes += block[..<count] }
        return (try? JSONDecoder().decode([Vector].self, from: Data(bytes))) ?? []
    }()

    private func check(_ vector: Vector) throws {
        let signer = SigV4Signer(
            credentials: AWSCredentials(
                accessKeyID: "AKIDEXAMPLE",
                secretAccessKey: vector.secret,
                sessionToken: vector.token
            ),
            region: "eu-west-1",
            service: "ec2"
        )
        var request = FetchRequest(
            method: vector.method,
            url: vector.url,
            body: vector.body.isEmpty ? nil : Array(vector.body.utf8)
        )
        request.headers = vector.headers.map { ($0[0], $0[1]) }
        let signed = try signer.sign(request, at: try #require(Self.seconds[vector.stamp]))
        let authorization = try #require(signed.headers.last { $0.name == "Authorization" }?.value)
        #expect(authorization.hasSuffix("Signature=\(vector.signature)"), "\(vector.method) \(vector.url)")
        #expect(authorization.contains("Credential=AKIDEXAMPLE/\(vector.stamp.prefix(8))/eu-west-1/ec2/aws4_request"))
        #expect(signed.headers.contains { $0.name == "X-Amz-Date" && $0.value == vector.stamp })
        #expect(!signed.followRedirects)
    }

    @Test("signatures equal botocore's, fixed vectors", arguments: fixed)
    func fixedVectors(_ vector: Vector) throws { try check(vector) }

    // Needs botocore in Python; the fixed vectors above hold without it.
    @Test("signatures equal botocore's, made at test time", .enabled(if: !generated.isEmpty), arguments: generated)
    func generatedVectors(_ vector: Vector) throws { try check(vector) }

    @Test(
        "queries are brought to one spelling",
        arguments: [
            ("b=2&a=1", "a=1&b=2"), ("a", "a="), ("a=/:", "a=%2F%3A"), ("a=%2f", "a=%2F"), ("a=b=c", "a=b%3Dc"),
            ("a=1+2", "a=1%2B2"), ("a=%zz", "a=%25zz"), ("", ""), ("&&a=1&", "a=1"), ("a=2&a=1", "a=1&a=2"),
            ("A=1&a=1", "A=1&a=1"),
            ("a-b=1&a=2", "a=2&a-b=1"),
        ]
    )
    func query(_ raw: String, _ canonical: String) { #expect(CanonicalRequest.query(raw) == canonical) }

    @Test("signing again replaces the first signature")
    func signsAgain() throws {
        let signer = SigV4Signer(
            credentials: AWSCredentials(accessKeyID: "A", secretAccessKey: "S", sessionToken: "T"),
            region: "r",
            service: "ec2"
        )
        let first = try signer.sign(FetchRequest(method: "POST", url: "http://h/", body: [1]), at: 0)
        let second = try signer.sign(first, at: 100)
        for name in ["Authorization", "X-Amz-Date", "X-Amz-Security-Token"] {
            #expect(second.headers.filter { $0.name == name }.count == 1)
        }
        let fresh = try signer.sign(FetchRequest(method: "POST", url: "http://h/", body: [1]), at: 100)
        #expect(second.headers.last?.value == fresh.headers.last?.value)
    }

    @Test("credentials never show their secret")
    func hidden() {
        let credentials = AWSCredentials(
            accessKeyID: "AKIDFAKE1234",
            secretAccessKey: "top-secret",
            sessionToken: "token-secret"
        )
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(!text.contains("secret"))
            #expect(!text.contains("AKIDFAKE"))
        }
        #expect(AWSCredentials(environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": ""]) == nil)
        #expect(
            AWSCredentials(environment: [
                "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "",
            ])?.sessionToken == nil
        )
    }

    @Test("HTTP dates are read, wrong ones refused, and the skew is theirs minus ours")
    func dates() {
        #expect(HTTPDate.seconds("Mon, 15 Jan 2024 12:00:00 GMT") == 1_705_320_000)
        #expect(HTTPDate.seconds("Thu, 01 Jan 1970 00:00:00 GMT") == 0)
        for wrong in [
            "", "yesterday", "Mon, 32 Jan 2024 12:00:00 GMT", "Mon, 15 Foo 2024 12:00:00 GMT",
            "Mon, 15 Jan 2024 12:00:00 CET", "Mon, 15 Jan 2024 12:00 GMT",
        ] {
            #expect(HTTPDate.seconds(wrong) == nil, "\(wrong)")
        }
        for (stamp, seconds) in Self.seconds { #expect(HTTPDate.amazon(seconds) == stamp) }
        var response = FetchResponse(status: 400)
        response.headers.append(line: "Date: Mon, 15 Jan 2024 12:00:00 GMT".utf8)
        #expect(SigV4Signer.skew(of: response, at: 1_705_319_000) == 1_000)
    }
}
