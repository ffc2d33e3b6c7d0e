/// What the scheduler counts for a pod.
extension Pod {
    /// The effective request: exact, with one pod slot.
    ///
    /// For each resource the larger of (a) all containers and sidecars together and (b) the greediest moment of
    /// starting up, where an init container runs beside the sidecars started before it; the pod's own request replaces
    /// it where there is one; then the overhead of the runtime (KEP-753, KEP-2837, and the API machinery's PodRequests).
    /// A container's request that is not written counts as its limit.
    package var effectiveRequest: ResourceAmounts {
        var total = containers.reduce(ResourceAmounts.zero) { $0 + $1.effectiveRequest }
        if !initContainers.isEmpty { total = startingUp(running: total) }
        if podRequests != nil || podLimits != nil { replaceByPodRequests(&total) }
        if !overhead.isEmpty { total += overhead.amounts }
        total.pods = 1
        return total
    }

    private func startingUp(running: ResourceAmounts) -> ResourceAmounts {
        var sidecars = ResourceAmounts.zero
        var peak = ResourceAmounts.zero
        for container in initContainers {
            let own = container.effectiveRequest
            let moment = sidecars + own
            if container.isRestartableInit { sidecars = moment }
            peak = peak.maximum(moment)
        }
        return (running + sidecars).maximum(peak)
    }

    /// CPU, memory and huge pages can be asked for by the pod as a whole; a limit alone asks only where no container
    /// asks for that resource.
    private func replaceByPodRequests(_ total: inout ResourceAmounts) {
        let requests = podRequests ?? ResourceList()
        let limits = podLimits ?? ResourceList()
        let all = containers + initContainers
        if let cpu = requests.cpu {
            total.cpu = cpu
        } else if let cpu = limits.cpu, !all.contains(where: { $0.requests.cpu != nil || $0.limits.cpu != nil }) {
            total.cpu = cpu
        }
        if let memory = requests.memory {
            total.memory = memory
        } else if let memory = limits.memory,
            !all.contains(where: { $0.requests.memory != nil || $0.limits.memory != nil })
        {
            total.memory = memory
        }
        for entry in limits.extended where entry.key.hasPrefix("hugepages-") && requests.extended[entry.key] == nil {
            let isAsked = all.contains {
                $0.requests.extended[entry.key] != nil || $0.limits.extended[entry.key] != nil
            }
            if !isAsked, entry.value != 0 { total.extended[entry.key] = entry.value }
        }
        for entry in requests.extended where entry.key.hasPrefix("hugepages-") {
            total.extended[entry.key] = entry.value == 0 ? nil : entry.value
        }
    }

    /// The class that follows from the resources, by the API's rule.
    package var derivedQoSClass: QoSClass {
        if podRequests != nil || podLimits != nil {
            return Self.qosClass([(podRequests ?? ResourceList(), podLimits ?? ResourceList())])
        }
        return Self.qosClass((containers + initContainers).map { ($0.requests, $0.limits) })
    }

    private static func qosClass(_ all: [(requests: ResourceList, limits: ResourceList)]) -> QoSClass {
        func positive(_ amount: Int64?) -> Bool { (amount ?? 0) > 0 }
        let isNothing = all.allSatisfy {
            !positive($0.requests.cpu) && !positive($0.requests.memory) && !positive($0.limits.cpu)
                && !positive($0.limits.memory)
        }
        if isNothing { return .bestEffort }
        let isFull = all.allSatisfy { requests, limits in
            positive(limits.cpu) && positive(limits.memory)
                && (requests.cpu ?? limits.cpu) == limits.cpu && (requests.memory ?? limits.memory) == limits.memory
        }
        return isFull ? .guaranteed : .burstable
    }
}
