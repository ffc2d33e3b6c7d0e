/// Pods spread evenly over zones, hosts and other domains (`DoNotSchedule` only).
///
/// Kubernetes: pkg/scheduler/framework/plugins/podtopologyspread/filtering.go (`Filter`, `minMatchNum`): the pods of the
/// candidate's domain, plus the pod when it matches its own selector, less the least count of all domains, must not
/// exceed maxSkew. With fewer domains than minDomains the least count is 0.
///
/// Beyond Kubernetes, which looks at a constraint only while it places the pod that carries it: a move must not leave
/// the whole more uneven than both maxSkew and the cluster as it came, whichever pod moved.
extension Placement {
    func spreadAllows(_ podClass: Int, _ node: Int) -> Bool {
        for (counter, isSelf) in model.classes[podClass].spread {
            let slot = slot(counter, node)
            if slot < 0 { return false }
            let skew = Int(matches[slot]) + (isSelf ? 1 : 0) - tallies[counter].minimum
            if skew > tallies[counter].maxSkew { return false }
        }
        if isAdmitting { return true }
        for counter in model.classes[podClass].countedSpread {
            let slot = slot(counter, node)
            if slot < 0 || model.counters[counter].dropsCordoned && isDraining[node] {
                // Nothing is added here, but the pod may be missing where it came from.
                if !tallies[counter].isSound { return false }
                continue
            }
            if tallies[counter].skew(afterAddingTo: Int(matches[slot])) > tallies[counter].toleratedSkew {
                return false
            }
        }
        return true
    }

    /// While many pods are in the air: what is still to come can make up for the pod here.
    func spreadMayEndWell(_ podClass: Int, _ node: Int, totals: [Int]) -> Bool {
        for counter in model.classes[podClass].countedSpread {
            let slot = slot(counter, node)
            if slot >= 0, !tallies[counter].mayEndWell(adding: Int(matches[slot]), total: totals[counter]) {
                return false
            }
        }
        return true
    }

    /// Every spread constraint holds, or is as it was.
    var isSpread: Bool { spreadCounters.allSatisfy { tallies[$0].isSound } }
}
