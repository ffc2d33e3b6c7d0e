/// The columns of an EC2 offer file that matter here, by name: their places differ from version to version.
struct OfferColumns {
    let count: Int
    let termType: Int
    let unit: Int
    let price: Int
    let currency: Int
    let effectiveDate: Int?
    let productFamily: Int
    let tenancy: Int
    let capacityStatus: Int
    let preInstalled: Int
    let operatingSystem: Int
    let licenseModel: Int?
    let instanceType: Int
    let regionCode: Int?
    let location: Int?
    let locationType: Int?
    let marketOption: Int?
    let vcpu: Int?
    let memory: Int?
    let gpu: Int?
    let processor: Int?
    let storage: Int?
    let network: Int?
    let enhancedNetworking: Int?
    let currentGeneration: Int?

    /// - Throws: ``PricingError``, `invalid`, naming the column that is missing.
    init(header: borrowing CSVReader.Record, document: String) throws(PricingError) {
        var places: [String: Int] = [:]
        for index in 0..<header.count {
            if let name = header.text(index)?.lowercased(), places[name] == nil { places[name] = index }
        }
        func need(_ name: String) throws(PricingError) -> Int {
            guard let place = places[name.lowercased()] else {
                throw PricingError(.invalid, "the header has no column '\(name)'; not an EC2 offer file?", in: document)
            }
            return place
        }
        count = header.count
        termType = try need("TermType")
        unit = try need("Unit")
        price = try need("PricePerUnit")
        currency = try need("Currency")
        productFamily = try need("Product Family")
        tenancy = try need("Tenancy")
        capacityStatus = try need("CapacityStatus")
        preInstalled = try need("Pre Installed S/W")
        operatingSystem = try need("Operating System")
        instanceType = try need("Instance Type")
        effectiveDate = places["effectivedate"]
        licenseModel = places["license model"]
        regionCode = places["region code"]
        location = places["location"]
        locationType = places["location type"]
        marketOption = places["marketoption"]
        vcpu = places["vcpu"]
        memory = places["memory"]
        gpu = places["gpu"]
        processor = places["physical processor"]
        storage = places["storage"]
        network = places["network performance"]
        enhancedNetworking = places["enhanced networking supported"]
        currentGeneration = places["current generation"]
    }

    /// True for the one row of a product that an ordinary On-Demand instance is billed by.
    ///
    /// The decoys repeat the price or put 0: unused and allocated capacity reservations, dedicated hosts and
    /// dedicated instances, licensed SQL Server, bring-your-own-licence, reserved terms. Local Zones and capacity
    /// blocks, which newer files carry, are other products as well.
    func isOnDemand(_ row: borrowing CSVReader.Record) -> Bool {
        row.equals(termType, "OnDemand")
            && row.equals(capacityStatus, "Used")
            && row.equals(tenancy, "Shared")
            && row.equals(preInstalled, "NA")
            && (row.equals(unit, "Hrs") || row.equals(unit, "hrs"))
            && (row.equals(productFamily, "Compute Instance")
                || row.equals(productFamily, "Compute Instance (bare metal)"))
            && !(licenseModel.map { row.equals($0, "Bring your own license") || row.equals($0, "BYOL") } ?? false)
            && (locationType.map { row.equals($0, "AWS Region") || row.equals($0, "") } ?? true)
            && (marketOption.map { row.equals($0, "OnDemand") || row.equals($0, "") } ?? true)
            && !row.equals(operatingSystem, "NA") && !row.equals(operatingSystem, "")
    }
}
