import Contract

/// Two pods with the same port, protocol and a common address do not share a node.
///
/// Kubernetes: pkg/scheduler/framework/plugins/nodeports/node_ports.go and framework/types.go (`HostPortInfo`): the
/// address 0.0.0.0 meets every address.
extension Placement {
    func portsAreFree(_ podClass: Int, _ node: Int) -> Bool {
        let wanted = model.classes[podClass].ports
        if wanted.isEmpty { return true }
        let taken = ports(node)
        return taken.allSatisfy { other in
            wanted.allSatisfy { !model.ports[$0].conflicts(with: model.ports[Int(other)]) }
        }
    }

    /// Pods of the two kinds never share a node.
    func portsConflict(_ one: Int, _ other: Int) -> Bool {
        model.classes[one].ports.contains { port in
            model.classes[other].ports.contains { model.ports[port].conflicts(with: model.ports[$0]) }
        }
    }
}
