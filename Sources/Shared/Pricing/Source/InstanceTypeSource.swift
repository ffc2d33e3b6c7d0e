/// Fetches the instance catalogue from DescribeInstanceTypes: the best source, where credentials exist.
package struct InstanceTypeSource: Sendable {
    private let client: EC2Client

    /// 20 times the number of types today; a service that hands out tokens for ever ends here.
    private static let mostPages = 300

    package init(client: EC2Client) {
        self.client = client
    }

    /// What answers name as their source.
    package var name: String { "EC2 DescribeInstanceTypes" }
    package var region: String { client.region }

    /// - Returns: Every type the region offers.
    package func fetch() async throws(PricingError) -> [InstanceTypeFacts] {
        var all: [InstanceTypeFacts] = []
        var token: String?
        for _ in 0..<Self.mostPages {
            var parameters = [("MaxResults", "100")]
            if let token { parameters.append(("NextToken", token)) }
            let body = try await client.call("DescribeInstanceTypes", parameters)
            let page = try DescribeInstanceTypesReply(
                parsing: body,
                document: "EC2 DescribeInstanceTypes in \(client.region)"
            )
            all += page.facts
            guard let next = page.nextToken, next != token else { return all }
            token = next
        }
        throw PricingError(
            .invalid,
            "more than \(Self.mostPages) pages",
            in: "EC2 DescribeInstanceTypes in \(client.region)"
        )
    }
}
