/// Pods that must be near others, and pods that must be apart.
///
/// Kubernetes: pkg/scheduler/framework/plugins/interpodaffinity/filtering.go:
/// `satisfyExistingPodsAntiAffinity` (the terms of pods already there count against the one that comes),
/// `satisfyPodAntiAffinity` (a node without the topology key violates nothing) and `satisfyPodAffinity` (a node without
/// the key is refused; a pod that matches its own terms may be the first of its kind).
extension Placement {
    /// Nobody in the domain objects to the pod, and it objects to nobody.
    func isTolerated(_ podClass: Int, _ node: Int) -> Bool {
        for counter in model.classes[podClass].exclusion {
            let slot = slot(counter, node)
            if slot >= 0, matches[slot] > 0 { return false }
        }
        for counter in model.classes[podClass].countedExclusion {
            let slot = slot(counter, node)
            if slot >= 0, owners[slot] > 0 { return false }
        }
        return true
    }

    /// The company the pod requires is in the domain.
    func hasCompany(_ podClass: Int, _ node: Int) -> Bool {
        let terms = model.classes[podClass].affinity
        if terms.isEmpty { return true }
        var isThere = true
        for counter in terms {
            let slot = slot(counter, node)
            if slot < 0 { return false }
            isThere = isThere && matches[slot] > 0
        }
        return isThere || (model.classes[podClass].isOwnCompany && !hasMatches(terms))
    }
}
