/// Equal pods may swap their goals: as many as possible then stay where they are.
struct GoalMatching {
    /// Node by pod, as the search left it, with needless moves taken out.
    private(set) var goal: [Int32]
    private let model: PackModel

    init(_ end: Placement) {
        model = end.model
        goal = end.nodeOf
        var byClass: [Int: [Int]] = [:]
        for pod in model.pods.indices where model.pods[pod].role == .movable && goal[pod] != Int32(model.pods[pod].home)
        {
            byClass[model.pods[pod].podClass, default: []].append(pod)
        }
        for podClass in byClass.keys.sorted() { settle(byClass[podClass] ?? []) }
    }

    /// While one pod leaves a node and an equal one comes to it, the first stays and the second goes where the first went.
    private mutating func settle(_ pods: [Int]) {
        var arriving: [Int32: [Int]] = [:]
        for pod in pods.reversed() { arriving[goal[pod], default: []].append(pod) }
        for pod in pods {
            let home = Int32(model.pods[pod].home)
            guard goal[pod] != home, let other = arriving[home]?.popLast() else { continue }
            let place = goal[pod]
            goal[pod] = home
            goal[other] = place
            if let index = arriving[place]?.firstIndex(of: pod) { arriving[place]?.remove(at: index) }
            if place != Int32(model.pods[other].home) { arriving[place, default: []].append(other) }
        }
    }
}
