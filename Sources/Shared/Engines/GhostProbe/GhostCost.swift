import Contract

/// What a machine costs per month, part by part.
struct GhostCost: Sendable {
    var quote: InstanceTariff.Quote?
    /// USD per month; of disks that vanish with the machine.
    var volumes = 0.0
    /// USD per month; an address of its own that goes back with it.
    var address = 0.0
    /// Disks that stay and go on costing.
    var leftBehind: [String] = []
    /// What kept the sum from being complete.
    var missing: [String] = []
    var used = ServiceItemSet()

    /// USD per month; what is not known is not in it.
    var monthly: Double {
        (quote?.hourly ?? 0) * InstanceTariff.hoursPerMonth + volumes + address
    }
}

/// Prices machines and their belongings.
struct GhostCosts {
    let request: GhostRequest
    let instances: InstanceTariff
    let services: ServiceTariff
    private let disks: VolumeTariff

    init(_ request: GhostRequest, _ market: RegionMarket, now: Timestamp) {
        self.request = request
        instances = InstanceTariff(market, now: now)
        services = ServiceTariff(market.services, request.servicePrices)
        disks = VolumeTariff(services, region: market.region)
    }

    /// What ends when the machine is terminated.
    func ifTerminated(_ instance: EC2Instance) -> GhostCost {
        var cost = GhostCost()
        price(instance, &cost)
        for device in instance.blockDevices.sorted(by: { $0.volumeID < $1.volumeID }) {
            // What does not say that it goes, stays.
            if device.deleteOnTermination == true {
                add(device.volumeID, &cost)
            } else {
                cost.leftBehind.append(device.volumeID)
            }
        }
        if let address = instance.publicIP, !request.elasticAddresses.contains(address) { addAddress(&cost) }
        return cost
    }

    /// What a stopped machine goes on costing: its disks, and addresses that were kept for it.
    func whileStopped(_ instance: EC2Instance) -> GhostCost {
        var cost = GhostCost()
        for device in instance.blockDevices.sorted(by: { $0.volumeID < $1.volumeID }) { add(device.volumeID, &cost) }
        if let address = instance.publicIP, request.elasticAddresses.contains(address) { addAddress(&cost) }
        return cost
    }

    private func price(_ instance: EC2Instance, _ cost: inout GhostCost) {
        guard instances.covers(region: instance.region, operatingSystem: instance.operatingSystem) else {
            return cost.missing.append("instance:\(instance.region ?? "unknown")/\(instance.type)")
        }
        cost.quote = instances.quote(type: instance.type, zone: instance.zone, isSpot: instance.isSpot)
        if cost.quote == nil {
            cost.missing.append("instance:\(instance.type.isEmpty ? "unknown" : instance.type)")
        }
    }

    private func add(_ volumeID: String, _ cost: inout GhostCost) {
        guard let volume = request.volumes[volumeID] else { return cost.missing.append("volume:\(volumeID)") }
        let price = disks.cost(of: volume)
        cost.volumes += price.monthly ?? 0
        cost.used.formUnion(price.used)
        cost.missing += price.missing
    }

    private func addAddress(_ cost: inout GhostCost) {
        guard let hourly = services[.publicIPv4] else { return cost.missing.append(ServiceItem.publicIPv4.rawValue) }
        cost.address += hourly * InstanceTariff.hoursPerMonth
        cost.used.insert(.publicIPv4)
    }
}
