import Contract

/// What the tags of a disk say: who made it, who keeps it, when it was last used.
struct VolumeTags: Sendable, Hashable {
    /// The claim it was made for.
    private(set) var claim: ObjectKey?
    private(set) var persistentVolume: String?
    /// Whether a cluster made it.
    private(set) var isOfCluster = false
    /// The tag by which somebody keeps it.
    private(set) var keeper: String?
    private(set) var lastAttach: Timestamp?
    private(set) var ownership: ClusterOwnership

    /// What keys mean, worked out once for each.
    struct Lexicons {
        var ownership = ClusterOwnership.lexicon()
        var own = TagLexicon(VolumeTags.meaning)
    }

    enum Meaning {
        case nothing
        case claimName, claimNamespace, persistentVolume, driver, lastAttach
        /// It keeps the disk, whatever its value.
        case keeps
        /// It keeps the disk unless its value says no.
        case keepsUnlessNo
    }

    /// Words that keep a disk when they stand alone in a key.
    private static let keepWords: Set<String> = [
        "keep", "retain", "preserve", "backup", "backups", "dlm", "donotdelete", "nodelete", "protected", "protection",
        "deletionprotection", "terminationprotection", "legalhold",
    ]

    init(_ volume: EBSVolume, _ lexicons: inout Lexicons) {
        ownership = ClusterOwnership(volume.tags, &lexicons.ownership)
        var claimName: String?
        var claimNamespace: String?
        for tag in volume.tags {
            switch lexicons.own(tag.key) {
            case .nothing: continue
            case .claimName: claimName = tag.value
            case .claimNamespace: claimNamespace = tag.value
            case .persistentVolume: persistentVolume = persistentVolume ?? tag.value
            case .driver: isOfCluster = isOfCluster || tag.value.lowercased() != "false"
            case .lastAttach: lastAttach = Self.time(tag.value)
            case .keeps: keeper = keeper ?? "\(tag.key)=\(tag.value)"
            case .keepsUnlessNo:
                if keeper == nil, !Self.saysNo(tag.value.lowercased()) { keeper = "\(tag.key)=\(tag.value)" }
            }
        }
        if let claimName { claim = ObjectKey(namespace: claimNamespace ?? "default", name: claimName) }
        isOfCluster = isOfCluster || claimName != nil || persistentVolume != nil || !ownership.isNone
        // The small shape has it as a member; a value that cannot be read is nobody's knowledge.
        if lastAttach == nil, let text = volume.flat["last_attach_time"]?.string { lastAttach = Self.time(text) }
    }

    private static func meaning(_ key: String) -> Meaning {
        switch key {
        case "kubernetes.io/created-for/pvc/name": return .claimName
        case "kubernetes.io/created-for/pvc/namespace": return .claimNamespace
        case "kubernetes.io/created-for/pv/name", "CSIVolumeName": return .persistentVolume
        case "ebs.csi.aws.com/cluster": return .driver
        case "LastAttachTime", "lastattachtime", "last_attach_time": return .lastAttach
        default: break
        }
        let small = key.lowercased()
        // What a backup service writes keeps, whatever its value.
        if small.hasPrefix("aws:backup") || small.hasPrefix("aws:dlm") || small.hasPrefix("dlm:") { return .keeps }
        let words = small.split { !($0.isLetter || $0.isNumber) }.map(String.init)
        // do-not-delete, deletion_protection, do not delete
        let joined = words.joined()
        let isKeeper =
            words.contains(where: keepWords.contains) || keepWords.contains(joined) || small.contains("backup")
            || joined.contains("donotdelete")
        return isKeeper ? .keepsUnlessNo : .nothing
    }

    /// An instant in any form; EC2 and people write GMT or UTC behind the time.
    private static func time(_ text: String) -> Timestamp? {
        for suffix in [" GMT", " UTC"] where text.hasSuffix(suffix) { return Timestamp(loose: text.dropLast(4) + "Z") }
        return Timestamp(loose: text)
    }

    private static func saysNo(_ value: String) -> Bool {
        TagGuard.saysNo(value) || value == "none" || value == "disabled" || value == "never"
    }
}
