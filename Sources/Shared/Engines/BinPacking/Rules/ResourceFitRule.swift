/// Every resource a pod asks for must be left on the node.
///
/// Kubernetes: pkg/scheduler/framework/plugins/noderesources/fit.go (`fitsRequest`): cpu, memory, ephemeral storage,
/// pod slots and every extended resource; what is not asked for is not looked at, so an overbooked node still takes
/// pods that ask for nothing of what is short. The volumes a node can attach count the same way
/// (plugins/nodevolumelimits).
extension Placement {
    func hasRoom(_ podClass: Int, _ node: Int) -> Bool { shortResource(podClass, node) == nil }

    /// The first resource dimension of which there is too little.
    func shortResource(_ podClass: Int, _ node: Int) -> Int? {
        let base = node * model.dimensions
        for (index, amount) in model.classes[podClass].request.enumerated()
        where amount > 0 && amount > free[base + index] {
            return index
        }
        return nil
    }
}
