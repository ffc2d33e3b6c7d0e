import Contract

extension ClusterCompiler {
    /// Turns the pods into roles and classes.
    mutating func readPods(_ pods: [(source: Int, pod: Pod)]) {
        collectLabelKeys(pods)
        let volumes = VolumeRule(index, pods: pods.map(\.pod))
        let budgets = DisruptionBudgetRule(index.state)
        let eviction = EvictionRule(options: options, now: now)
        model.budgets = budgets.budgets.map { PackBudget(key: $0.key, allowed: DisruptionBudgetRule.allowed($0)) }
        var unknownHomes = 0
        for (source, pod) in pods {
            var home = -1
            if let name = pod.nodeName, !name.isEmpty {
                guard let position = nodeIndex[name], position < model.nodeCount else {
                    unknownHomes += 1
                    model.problems.append(
                        ItemProblem(
                            field: "pods[\(source)].spec.nodeName",
                            code: "unknown_node",
                            message: "pod \(pod.key) is on node \(name), which is not in the list of nodes"
                        )
                    )
                    continue
                }
                home = position
            }
            add(pod, source, home, volumes.finding(pod), budgets, eviction)
        }
        if unknownHomes > 0 { model.assumptions.append("\(unknownHomes) pods on nodes that were not sent are ignored") }
        addDaemonPodsOfSlots(pods)
    }

    private mutating func add(
        _ pod: Pod,
        _ source: Int,
        _ home: Int,
        _ volume: VolumeRule.Finding,
        _ budgets: DisruptionBudgetRule,
        _ eviction: EvictionRule
    ) {
        let role: PackPod.Role
        var pin: NodeBlock?
        let covering = budgets.covering(pod)
        if home < 0 {
            // A pod that was deleted before it found a node, and one tied to a node that has not come, need no place.
            if pod.isTerminating || pod.isDaemon || pod.isMirror { return }
            role = .pending
        } else if pod.isTerminating {
            role = .leaving
            if pod.meta.controller?.kind == "StatefulSet" {
                // Its successor is made only once it is gone, and will want this room.
                pin = NodeBlock("stateful_pod_terminating", pod: pod.key.description)
            }
        } else if pod.isDaemon || pod.isMirror {
            role = .local
            if !pod.isMirror { pin = eviction.annotationPin(pod) }
        } else {
            pin = eviction.pin(pod) ?? volume.pin ?? budgets.pin(pod, covering)
            role = pin == nil ? .movable : .pinned
        }
        let podClass = classOf(pod, volume, home: home, isLocal: role == .local)
        model.pods.append(
            PackPod(
                source: source,
                key: pod.key,
                role: role,
                pin: pin,
                podClass: podClass,
                home: home,
                budgets: covering,
                disruption: EvictionRule.disruption(pod),
                priority: pod.priority,
                graceSeconds: max(0, pod.terminationGracePeriodSeconds)
            )
        )
    }

    private mutating func classOf(_ pod: Pod, _ volume: VolumeRule.Finding, home: Int, isLocal: Bool) -> Int {
        let node = home >= 0 ? sourceNodes[home] : nil
        let place = StaticKey(
            affinity: isLocal ? NodeAffinityRule(pod).withoutNames : NodeAffinityRule(pod),
            taints: TaintRule(pod),
            volumes: volume.requirements,
            architecture: node?.architecture,
            operatingSystem: node?.operatingSystem
        )
        let request = vector(pod.effectiveRequest, disks: volume.disks)
        let ports = pod.hostPorts.isEmpty ? [] : portIDs(pod)
        let key = ClassKey(
            place: place,
            namespace: pod.namespace,
            labels: Labels(pod.labels.entries.filter { labelKeys.contains($0.key) }),
            request: request,
            ports: ports,
            affinity: pod.affinity?.requiredPodTerms ?? [],
            exclusion: pod.affinity?.requiredAntiTerms ?? [],
            spread: pod.topologySpread.filter(\.isRequired),
            isStuck: volume.isStuck,
            isLocal: isLocal
        )
        if let known = classIndex[key] { return known }
        // Pods of DaemonSets never move, and each is tied to one node: no set is needed.
        let isNowhere = volume.isStuck || isLocal
        let allowed = isNowhere ? NodeSet(capacity: model.nodes.count) : staticSet(place)
        let number = model.classes.count
        classIndex[key] = number
        model.classes.append(PodClass(request: request, allowed: allowed, ports: ports))
        terms.keys.append(key)
        return number
    }

    private mutating func portIDs(_ pod: Pod) -> [Int] {
        pod.hostPorts.map { port in
            if let known = model.ports.firstIndex(of: port) { return known }
            model.ports.append(port)
            return model.ports.count - 1
        }.sorted()
    }

    /// Nodes that the pod's own selector, tolerations, volumes and kind of machine allow.
    mutating func staticSet(_ key: StaticKey) -> NodeSet {
        if let known = staticSets[key] { return known }
        var set = groups.nodes(matching: key.affinity)
        set.formIntersection(groups.nodes { key.taints.allows($0) })
        for terms in key.volumes { set.formIntersection(groups.nodes(matchingOneOf: terms)) }
        // An image that runs on one processor family need not run on another, and nobody told us.
        set.formIntersection(
            groups.nodes(architecture: key.architecture, operatingSystem: key.operatingSystem)
        )
        staticSets[key] = set
        return set
    }

    // MARK: DaemonSets on new nodes

    /// One pod of each DaemonSet that would run on a slot's node, as large as the largest of its pods.
    private mutating func addDaemonPodsOfSlots(_ pods: [(source: Int, pod: Pod)]) {
        guard model.nodes.count > model.nodeCount else { return }
        var daemons: [ObjectKey: (source: Int, pod: Pod, weight: [Int64])] = [:]
        for (source, pod) in pods where pod.isDaemon {
            guard let name = pod.meta.controller?.name else { continue }
            let key = ObjectKey(namespace: pod.namespace, name: name)
            let weight = vector(pod.effectiveRequest, disks: 0)
            if let other = daemons[key], !other.weight.lexicographicallyPrecedes(weight) { continue }
            daemons[key] = (source, pod, weight)
        }
        for slot in model.nodeCount..<model.nodes.count {
            let node = model.nodes[slot]
            for (key, daemon) in daemons.sorted(by: { $0.key < $1.key }) {
                let rule = NodeAffinityRule(daemon.pod).withoutNames
                guard rule.matches(node.labels, name: node.name), TaintRule(daemon.pod).allows(node.taints) else {
                    continue
                }
                let podClass = classOf(daemon.pod, VolumeRule.Finding(), home: -1, isLocal: true)
                model.pods.append(
                    PackPod(
                        source: daemon.source,
                        key: ObjectKey(namespace: key.namespace, name: "\(key.name)@\(node.name)"),
                        role: .local,
                        podClass: podClass,
                        home: slot,
                        budgets: [],
                        disruption: 0,
                        priority: 0,
                        graceSeconds: 0
                    )
                )
            }
        }
    }
}
