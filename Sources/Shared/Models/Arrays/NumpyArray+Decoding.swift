extension NumpyArray {
    /// Whether the stored order is the row order.
    var isRowMajor: Bool { strides == Self.strides(of: shape, columnMajor: false) || count <= 1 }

    /// Values in the stored order brought into row order.
    func inRowOrder<Value>(_ stored: [Value]) -> [Value] {
        if isRowMajor { return stored }
        return storedPlaces().map { stored[$0] }
    }

    /// For each element in row order its place in the stored order.
    func storedPlaces() -> [Int] {
        var places: [Int] = []
        let total = count
        places.reserveCapacity(total)
        var indices = [Int](repeating: 0, count: shape.count)
        var place = 0
        for _ in 0..<total {
            places.append(place)
            var axis = shape.count - 1
            while axis >= 0 {
                indices[axis] += 1
                place += strides[axis]
                if indices[axis] < shape[axis] { break }
                place -= indices[axis] * strides[axis]
                indices[axis] = 0
                axis -= 1
            }
        }
        return places
    }

    /// All numbers in row order.
    ///
    /// The machine has checked that the bytes are as many as shape and type say.
    func doubles(_ type: NumpyDataType, _ bytes: ArraySlice<UInt8>) -> [Double] {
        inRowOrder(type.column(type, at: 0, in: bytes, count: count))
    }
}

extension NumpyDataType {
    /// One field of `count` records that follow each other, or the numbers themselves, as doubles in the stored order.
    func column(_ field: NumpyDataType, at offset: Int, in bytes: ArraySlice<UInt8>, count: Int) -> [Double] {
        bytes.withUnsafeBytes { bytes in
            [Double](unsafeUninitializedCapacity: count) { values, filled in
                filled = count
                if field.kind == .float, field.size == 8, !field.isBigEndian, size == 8 {
                    UnsafeMutableRawBufferPointer(values).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * 8)])
                    )
                    return
                }
                var place = offset
                for index in 0..<count {
                    values.initializeElement(at: index, to: field.double(in: bytes, at: place))
                    place += size
                }
            }
        }
    }

    /// The same as integers, each clamped to 32 bits: what is beyond them is out of range for every use here.
    func integerColumn(_ field: NumpyDataType, at offset: Int, in bytes: ArraySlice<UInt8>, count: Int) -> [Int32] {
        bytes.withUnsafeBytes { bytes in
            [Int32](unsafeUninitializedCapacity: count) { values, filled in
                filled = count
                var place = offset
                for index in 0..<count {
                    values.initializeElement(
                        at: index,
                        to: Int32(clamping: field.integer(in: bytes, at: place) ?? Int64.max)
                    )
                    place += size
                }
            }
        }
    }
}
