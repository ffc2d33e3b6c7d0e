import Contract

/// Collects On-Demand prices from the pages of GetProducts, whose products are JSON documents inside strings.
struct ProductReply: Sendable {
    private var prices: [String: OnDemandPrice] = [:]
    private var version = ""
    private var report = ReadingReport()

    /// Takes one page.
    ///
    /// - Returns: The token of the next page; nil at the end.
    /// - Throws: ``PricingError``, `malformed`. A product that cannot be read is only counted.
    mutating func read(_ body: [UInt8], region: String, document: String) throws(PricingError) -> String? {
        let page: JSONValue
        do { page = try JSONParser.parse(body) } catch {
            throw PricingError(.malformed, "the answer is no JSON", in: document, cause: error)
        }
        guard let products = page["PriceList"]?.array else {
            throw PricingError(.malformed, "the answer has no PriceList", in: document)
        }
        for (index, product) in products.enumerated() {
            guard let text = product.string, let product = try? JSONParser.parse(text) else {
                report.reject("product \(index + 1) is no JSON document in a string")
                continue
            }
            take(product, region)
        }
        return page["NextToken"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Everything read so far.
    ///
    /// - Throws: ``PricingError``, `invalid`, when there is no price.
    func list(region: String, document: String) throws(PricingError) -> OnDemandPriceList {
        guard !prices.isEmpty else {
            throw PricingError(.invalid, "no On-Demand price of these types in \(region)", in: document)
        }
        var list = OnDemandPriceList(version: version)
        list.prices = prices.values.sorted {
            ($0.instanceType, $0.operatingSystem) < ($1.instanceType, $1.operatingSystem)
        }
        list.report = report
        list.report.rows = list.prices.count
        return list
    }

    private mutating func take(_ product: JSONValue, _ region: String) {
        guard let attributes = product["product"]?["attributes"], isOrdinary(product, attributes) else { return }
        if let published = (product["version"]?.string ?? product["publicationDate"]?.string)
            .flatMap(OnDemandPriceList.version(fromTimestamp:)), published > version
        {
            version = published
        }
        guard let type = attributes["instanceType"]?.string, InstanceTypeName.isPlausible(type),
            let system = attributes["operatingSystem"]?.string, !system.isEmpty, system != "NA",
            (attributes["regionCode"]?.string ?? region) == region
        else { return report.reject("a product without type, system or region") }
        for term in product["terms"]?["OnDemand"]?.object?.members.map(\.value) ?? [] {
            for dimension in term["priceDimensions"]?.object?.members.map(\.value) ?? []
            where dimension["unit"]?.string?.lowercased() == "hrs" {
                add(dimension, type, system, region, effective: term["effectiveDate"]?.string)
            }
        }
    }

    private mutating func add(
        _ dimension: JSONValue,
        _ type: String,
        _ system: String,
        _ region: String,
        effective: String?
    ) {
        guard let pair = dimension["pricePerUnit"]?.object?.members.first,
            let price = pair.value.string.flatMap({ HourlyPrice(Array($0.utf8)) }), pair.key.utf8.count == 3,
            let day = effective.map({ String($0.prefix(10)) }), OnDemandPriceList.isDay(day)
        else { return report.reject("\(type) \(system): price, currency or date is unreadable") }
        guard price.micros > 0 else {
            report.withoutPrice += 1
            return
        }
        let found = OnDemandPrice(
            region: region,
            instanceType: type,
            operatingSystem: system,
            hourly: price,
            currency: pair.key,
            effectiveDate: day
        )
        let key = "\(type)/\(system)"
        // Two prices for one product would make every figure built on them arguable: keep the first, say so.
        if let known = prices[key] {
            if known != found { report.reject("\(type) \(system) has a second price") }
        } else {
            prices[key] = found
        }
    }

    /// The same choice as ``OfferColumns/isOnDemand(_:)`` makes among the rows of an offer file.
    private func isOrdinary(_ product: JSONValue, _ attributes: JSONValue) -> Bool {
        func text(_ name: String) -> String? { attributes[name]?.string }
        return ["Compute Instance", "Compute Instance (bare metal)"]
            .contains(product["product"]?["productFamily"]?.string ?? "")
            && text("tenancy") == "Shared" && text("capacitystatus") == "Used" && text("preInstalledSw") == "NA"
            && !["Bring your own license", "BYOL"].contains(text("licenseModel") ?? "")
            && ["AWS Region", ""].contains(text("locationType") ?? "")
            && ["OnDemand", ""].contains(text("marketoption") ?? "")
    }
}
