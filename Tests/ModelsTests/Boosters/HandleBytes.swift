/// The boosters inside uncompressed pickles, found by their first bytes: enough to feed a fuzzer.
enum HandleBytes {
    /// What looks like a booster of XGBoost or LightGBM, with its length before it.
    static func find(in pickle: [UInt8]) -> [UInt8]? {
        for beginning in ["{L\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{6}Config", "{\"Config\"", "tree\nversion="] {
            let mark = Array(beginning.utf8)
            var place = 8
            while let found = pickle[place...].firstIndex(of: mark[0]) {
                place = found + 1
                guard found + mark.count <= pickle.count, pickle[found..<found + mark.count].elementsEqual(mark) else {
                    continue
                }
                // Eight bytes of length (long text, array of bytes), or four.
                for width in [8, 4] {
                    let length = pickle[found - width..<found].reversed().reduce(UInt64(0)) { $0 &<< 8 | UInt64($1) }
                    if length >= 64, length <= UInt64(pickle.count - found) {
                        return Array(pickle[found..<found + Int(length)])
                    }
                }
            }
        }
        return nil
    }
}
