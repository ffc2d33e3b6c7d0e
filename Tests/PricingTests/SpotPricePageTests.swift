import Testing

@testable import Pricing

@Suite("Pages of the spot price history")
struct SpotPricePageTests {
    private func page(_ inside: String) throws(PricingError) -> SpotPricePage {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
            <requestId>r</requestId>\(inside)</DescribeSpotPriceHistoryResponse>
            """
        return try SpotPricePage(parsing: Array(text.utf8), document: "test")
    }

    private func item(
        type: String = "m5.large",
        product: String = "Linux/UNIX",
        price: String = "0.035100",
        time: String = "2026-02-28T23:59:59.000Z",
        zone: String = "us-east-1a"
    ) -> String {
        "<item><instanceType>\(type)</instanceType><productDescription>\(product)</productDescription>"
            + "<spotPrice>\(price)</spotPrice><timestamp>\(time)</timestamp>"
            + "<availabilityZone>\(zone)</availabilityZone><availabilityZoneId>use1-az4</availabilityZoneId></item>"
    }

    @Test("rows name each pool once, and keep six decimals and the second")
    func rows() throws {
        let page = try page(
            "<spotPriceHistorySet>\(item())\(item(price: "2147.483647", time: "1999-12-31T00:00:00Z"))"
                + item(product: "Red Hat &amp; Co") + "</spotPriceHistorySet><nextToken>a&lt;b</nextToken>"
        )

        #expect(page.pools.count == 2)
        #expect(
            page.pools[0]
                == SpotPool(instanceType: "m5.large", zone: "us-east-1a", zoneID: "use1-az4", product: "Linux/UNIX")
        )
        #expect(page.pools[1].product == "Red Hat & Co")
        #expect(page.rows.map(\.micros) == [35_100, 2_147_483_647, 35_100])
        #expect(page.rows.map(\.at) == [1_772_323_199, 946_598_400, 1_772_323_199])
        #expect(page.nextToken == "a<b")
        #expect(page.malformed == 0)
    }

    @Test("an empty page may have a successor, and an empty token is none")
    func tokens() throws {
        #expect(try page("<spotPriceHistorySet/><nextToken>t</nextToken>").nextToken == "t")
        #expect(try page("<spotPriceHistorySet></spotPriceHistorySet><nextToken/>").nextToken == nil)
        #expect(try page("<spotPriceHistorySet/><nextToken></nextToken>").nextToken == nil)
        #expect(try page("<spotPriceHistorySet/>").nextToken == nil)
    }

    @Test(
        "what is no price is counted and left out; the rest goes on",
        arguments: ["0.000000", "NaN", "-0.01", "1e3", "", "99999999999", "0,5"]
    )
    func noPrice(_ price: String) throws {
        let page = try page("<spotPriceHistorySet>\(item(price: price))\(item())</spotPriceHistorySet>")
        #expect(page.rows.count == 1)
        #expect(page.malformed == 1)
    }

    @Test(
        "an item without a usable time or pool is counted",
        arguments: ["2026-02-30", "2026-13-01T00:00:00Z", "yesterday", "2026-02-28T24:00:00.000Z", ""]
    )
    func noTime(_ time: String) throws {
        #expect(
            try page("<spotPriceHistorySet>\(item(time: time))\(item(zone: ""))</spotPriceHistorySet>").malformed == 2
        )
    }

    @Test("every truncation of an answer is refused, never taken for a short page")
    func truncated() throws {
        let whole = Array(
            """
            <DescribeSpotPriceHistoryResponse><spotPriceHistorySet>\(item())\(item())</spotPriceHistorySet>\
            <nextToken/></DescribeSpotPriceHistoryResponse>
            """.utf8
        )
        #expect(try SpotPricePage(parsing: whole, document: "test").rows.count == 2)
        for length in 0..<whole.count {
            #expect(throws: PricingError.self, "\(length) bytes") {
                try SpotPricePage(parsing: Array(whole[..<length]), document: "test")
            }
        }
    }

    @Test(
        "what EC2 never sends is refused",
        arguments: [
            "<html><body>503</body></html>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><DescribeSpotPriceHistoryResponse><spotPriceHistorySet/></DescribeSpotPriceHistoryResponse>",
            "<DescribeSpotPriceHistoryResponse></DescribeSpotPriceHistoryResponse>",
            "<DescribeSpotPriceHistoryResponse><spotPriceHistorySet></DescribeSpotPriceHistoryResponse>",
            "<DescribeSpotPriceHistoryResponse><spotPriceHistorySet/></DescribeSpotPriceHistoryResponse><a/>",
            "<DescribeSpotPriceHistoryResponse><spotPriceHistorySet/><nextToken>&evil;</nextToken></DescribeSpotPriceHistoryResponse>",
            "{}", "",
        ]
    )
    func hostile(_ text: String) {
        #expect(throws: PricingError.self) { try SpotPricePage(parsing: Array(text.utf8), document: "test") }
    }
}
