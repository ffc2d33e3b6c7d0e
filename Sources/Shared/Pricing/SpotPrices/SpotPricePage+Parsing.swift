import Contract

extension SpotPricePage {
    /// Reads one answer.
    ///
    /// An item that is no price is counted and left out; a document that is damaged is refused whole.
    ///
    /// - Throws: ``PricingError``, `malformed`.
    package init(parsing body: [UInt8], document: String) throws(PricingError) {
        let result = body.withUnsafeBufferPointer { buffer in
            Result<SpotPricePage, PricingError> { () throws(PricingError) in
                var parser = SpotPriceParser(buffer, document: document)
                return try parser.parse()
            }
        }
        self = try result.get()
    }
}

/// Reads `<item>` after `<item>`, field by field.
private struct SpotPriceParser {
    private struct Item {
        var type: Range<Int>?
        var product: Range<Int>?
        var price: Range<Int>?
        var time: Range<Int>?
        var zone: Range<Int>?
        var zoneID: Range<Int>?
    }

    private var scanner: TagScanner
    private var page = SpotPricePage()
    /// Pools by the hash of their fields' bytes; equal hashes of different pools share a list.
    private var known: [UInt64: [Int]] = [:]
    /// The fields of each pool, where it was first named.
    private var fields: [Item] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, document: String) {
        scanner = TagScanner(bytes, document: document)
        // An item of EC2 takes some 370 bytes.
        page.rows.reserveCapacity(bytes.count / 300)
    }

    mutating func parse() throws(PricingError) -> SpotPricePage {
        guard let root = try scanner.next(), case .open(let name) = root.tag,
            scanner.name(name, is: "DescribeSpotPriceHistoryResponse")
        else { throw scanner.fault("is not one of DescribeSpotPriceHistory") }
        var sawSet = false
        while let (text, tag) = try scanner.next() {
            switch tag {
            case .open(let name) where scanner.depth == 2 && scanner.name(name, is: "spotPriceHistorySet"):
                sawSet = true
                try items()
            case .empty(let name) where scanner.depth == 1 && scanner.name(name, is: "spotPriceHistorySet"):
                sawSet = true
            case .close(let name) where scanner.depth == 1 && scanner.name(name, is: "nextToken"):
                let token = try scanner.text(text)
                page.nextToken = token.isEmpty ? nil : token
            default: continue
            }
        }
        guard sawSet else { throw scanner.fault("has no spotPriceHistorySet") }
        return page
    }

    private mutating func items() throws(PricingError) {
        var item = Item()
        while let (text, tag) = try scanner.next() {
            guard case .close(let name) = tag else { continue }
            switch scanner.depth {
            case 1: return
            case 2:
                try add(item)
                item = Item()
            case 3: note(name, text, &item)
            default: continue
            }
        }
    }

    private func note(_ name: Range<Int>, _ text: Range<Int>, _ item: inout Item) {
        if scanner.name(name, is: "instanceType") {
            item.type = text
        } else if scanner.name(name, is: "productDescription") {
            item.product = text
        } else if scanner.name(name, is: "spotPrice") {
            item.price = text
        } else if scanner.name(name, is: "timestamp") {
            item.time = text
        } else if scanner.name(name, is: "availabilityZone") {
            item.zone = text
        } else if scanner.name(name, is: "availabilityZoneId") {
            item.zoneID = text
        }
    }

    private mutating func add(_ item: Item) throws(PricingError) {
        guard let price = item.price, let time = item.time,
            let amount = HourlyPrice(scanner.bytes[price]), amount.micros > 0,
            let micros = Int32(exactly: amount.micros),
            let at = seconds(time), let pool = try pool(item)
        else {
            page.malformed += 1
            return
        }
        page.rows.append(SpotPricePage.Row(pool: pool, at: at, micros: micros))
    }

    private mutating func pool(_ item: Item) throws(PricingError) -> Int? {
        guard let type = item.type, let product = item.product, let zone = item.zone, !type.isEmpty, !product.isEmpty,
            !zone.isEmpty
        else { return nil }
        let hash = hash([type, product, zone])
        for index in known[hash] ?? [] where isSame(fields[index], item) { return index }
        page.pools.append(
            SpotPool(
                instanceType: try scanner.text(type),
                zone: try scanner.text(zone),
                zoneID: try item.zoneID.map { range throws(PricingError) in try scanner.text(range) },
                product: try scanner.text(product)
            )
        )
        fields.append(item)
        known[hash, default: []].append(fields.count - 1)
        return fields.count - 1
    }

    /// FNV-1a: short keys, and no two hostile tenants share a page.
    private func hash(_ ranges: [Range<Int>]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for range in ranges {
            for index in range { hash = (hash ^ UInt64(scanner.bytes[index])) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01b3
        }
        return hash
    }

    private func isSame(_ left: Item, _ right: Item) -> Bool {
        isSame(left.type, right.type) && isSame(left.product, right.product) && isSame(left.zone, right.zone)
    }

    private func isSame(_ left: Range<Int>?, _ right: Range<Int>?) -> Bool {
        guard let left, let right, left.count == right.count else { return false }
        for offset in 0..<left.count
        where scanner.bytes[left.lowerBound + offset] != scanner.bytes[right.lowerBound + offset] { return false }
        return true
    }

    /// Seconds since 1970 of `2026-01-31T08:30:00.000Z`, the only form EC2 uses; the fraction is dropped.
    private func seconds(_ range: Range<Int>) -> Int64? {
        guard range.count >= 20, scanner.bytes[range.upperBound - 1] == UInt8(ascii: "Z") else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int? {
            var value = 0
            for index in offset..<offset + count {
                guard case let digit = scanner.bytes[range.lowerBound + index] &- 0x30, digit < 10 else { return nil }
                value = value * 10 + Int(digit)
            }
            return value
        }
        let marks: [(Int, Character)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        for (offset, mark) in marks where scanner.bytes[range.lowerBound + offset] != mark.asciiValue { return nil }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
            let minute = number(14, 2), let second = number(17, 2), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let days = Timestamp.days(year: Int64(year), month: Int64(month), day: Int64(day))
        return (days * 24 + Int64(hour)) * 3600 + Int64(minute * 60 + second)
    }
}
