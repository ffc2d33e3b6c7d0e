import Contract

/// Every machine that the cluster knows as a node, by whatever the node list tells of it.
struct NodeRoster: Sendable, Hashable {
    private(set) var instanceIDs: Set<String> = []
    private(set) var hostNames: Set<String> = []
    private(set) var addresses: Set<String> = []
    /// Entries that are no machines of ours: Fargate, hybrid nodes, other clouds.
    private(set) var skipped = 0
    /// Entries that may stand for a machine we cannot tell: one of the supposed ghosts could be it.
    private(set) var unreadable: [String] = []
    /// How many entries there were.
    private(set) var count = 0

    var isEmpty: Bool { instanceIDs.isEmpty && hostNames.isEmpty && addresses.isEmpty }

    /// Adds an entry of a list of ids: `i-…`, `aws:///zone/i-…` or `aws://zone/i-…`.
    mutating func add(id text: String) {
        count += 1
        switch Self.identity(text) {
        case .instance(let id): instanceIDs.insert(id)
        case .other: skipped += 1
        case .unreadable: unreadable.append(String(text.prefix(128)))
        }
    }

    /// Adds an entry that is not even text.
    mutating func addUnreadable(_ place: String) {
        count += 1
        unreadable.append(place)
    }

    mutating func add(_ node: Node) {
        count += 1
        if node.isFargate || node.isHybrid { return skipped += 1 }
        if let id = node.instanceID, case .instance(let name) = Self.identity(id) {
            instanceIDs.insert(name)
            return
        }
        if !node.providerID.isEmpty {
            switch Self.identity(node.providerID) {
            case .instance(let id):
                instanceIDs.insert(id)
                return
            case .other: return skipped += 1
            case .unreadable: break
            }
        }
        // Without a provider id, as just after joining, name and addresses can still tell the machine.
        var isKnown = false
        for name in [node.name] + node.addresses.map(\.address) {
            if name.hasPrefix("i-"), let id = name.split(separator: ".").first, Self.isInstanceID(id) {
                instanceIDs.insert(String(id))
                isKnown = true
            } else if name.hasPrefix("ip-") {
                hostNames.insert(name.lowercased())
                isKnown = true
            } else if Self.isAddress(name) {
                addresses.insert(name)
                isKnown = true
            }
        }
        if !isKnown { unreadable.append(node.name) }
    }

    func contains(_ instance: EC2Instance) -> Bool {
        if instanceIDs.contains(instance.id) || instanceIDs.contains(instance.id.lowercased()) { return true }
        if !hostNames.isEmpty, !instance.privateDNSName.isEmpty {
            let name = instance.privateDNSName.lowercased()
            if hostNames.contains(name) { return true }
            if let short = name.split(separator: ".").first, hostNames.contains(String(short)) { return true }
        }
        return !addresses.isEmpty && !instance.privateIP.isEmpty && addresses.contains(instance.privateIP)
    }

    enum Identity: Equatable {
        case instance(String)
        case other
        case unreadable
    }

    static func identity(_ text: String) -> Identity {
        if let id = plainID(text) { return .instance(id) }
        let text = text.lowercased()
        if isInstanceID(text) { return .instance(text) }
        if text.hasPrefix("mi-") || text.contains("fargate") || text.hasPrefix("eks-hybrid:") { return .other }
        guard let colon = text.firstIndex(of: ":") else { return .unreadable }
        guard text[..<colon] == "aws" else {
            return ["gce", "azure", "digitalocean", "openstack", "vsphere", "kind", "hcloud", "ibm", "oci"]
                .contains(text[..<colon]) ? .other : .unreadable
        }
        guard let last = text.split(separator: "/").last, isInstanceID(last) else { return .unreadable }
        return .instance(String(last))
    }

    /// The id in what EC2 and its nodes write, `i-…` or `aws:///zone/i-…` in small letters, found without a copy.
    ///
    /// Whatever might be anything else is left to the long way: a zone with an f may be the word Fargate, and a g is no
    /// digit of an id.
    private static func plainID(_ text: String) -> String? {
        var text = text
        return text.withUTF8 { bytes -> String? in
            let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
            let length = bytes.count - start
            guard length >= 3, length <= 32, bytes[start] == UInt8(ascii: "i"), bytes[start + 1] == UInt8(ascii: "-")
            else { return nil }
            for byte in bytes[(start + 2)...] where !(byte &- 0x30 < 10 || byte &- 0x61 < 6) { return nil }
            guard start > 0 else { return String(decoding: bytes, as: UTF8.self) }
            guard start >= 6, bytes.starts(with: "aws://".utf8) else { return nil }
            for byte in bytes[6..<start] where byte < 0x21 || byte > 0x7A || byte &- 0x41 < 26 || byte == 0x66 {
                return nil
            }
            return String(decoding: bytes[start...], as: UTF8.self)
        }
    }

    /// `i-` and hexadecimal digits: eight of them formerly, seventeen now.
    static func isInstanceID(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        guard bytes.count >= 3, bytes.count <= 32, text.hasPrefix("i-") else { return false }
        return bytes.dropFirst(2).allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 26 || $0 == 0x2D }
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { !$0.isEmpty && $0.utf8.count <= 3 && $0.utf8.allSatisfy { $0 &- 0x30 < 10 } }
    }
}
