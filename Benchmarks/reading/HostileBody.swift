/// Bodies of any size that hold little of use, made here so that no file of 200 MB need lie anywhere.
enum HostileBody: String, CaseIterable {
    /// Pods with hardly anything in them.
    case pods
    /// Pods that are none.
    case garbage
    case lists
    case numbers
    case keys
    case text
    case spaces

    /// A decision request of about that many bytes.
    func bytes(_ size: Int) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(size + 256)
        body += Array(#"{"requirements":{},"cluster_state":{"pods":"#.utf8)
        let (start, end) =
            switch self {
            case .keys: ("{", "}")
            case .text: ("\"", "\"")
            default: ("[", "]")
            }
        body += Array(start.utf8)
        var number = 0
        while body.count < size {
            if number > 0, self != .text, self != .spaces { body.append(UInt8(ascii: ",")) }
            body += Array(item(number).utf8)
            number += 1
        }
        if self == .spaces { body += Array("1".utf8) }
        return body + Array((end + "}}").utf8)
    }

    private func item(_ number: Int) -> String {
        switch self {
        case .pods: #"{"metadata":{"name":"p\#(number)"},"spec":{}}"#
        case .garbage: #"{"metadata":{"name":\#(number)},"spec":[]}"#
        case .lists: "[]"
        case .numbers: "1"
        case .keys: #""k\#(number)":1"#
        case .text: "0123456789abcdef0123456789abcdef"
        case .spaces: "                                "
        }
    }
}
