/// Dot products in 32 bits, in the order in which the linear algebra under numpy adds them up on machines with AVX2.
///
/// scikit-learn computes in 32 bits where it rounded rows to them before; the answers then differ in the seventh digit
/// with the order of the sum. This is OpenBLAS's: eight sums side by side, folded once, the rest of up to three last.
enum SingleDot {
    static func of(_ x: UnsafeBufferPointer<Float>, _ w: [Float]) -> Float {
        let count = w.count
        switch count {
        case 5...7:
            var sum: Float = 0
            for index in 0..<count { sum.addProduct(x[index], w[index]) }
            return sum
        case 8:
            let products = (0..<8).map { x[$0] * w[$0] }
            return ((products[0] + products[1]) + (products[2] + products[3]))
                + ((products[4] + products[5]) + (products[6] + products[7]))
        default: break
        }
        let whole = count / 4 * 4
        var sums = [Float](repeating: 0, count: 8)
        var index = 0
        if whole & 4 != 0 {
            for lane in 0..<4 { sums[lane].addProduct(x[lane], w[lane]) }
            index = 4
        }
        while index < whole {
            for lane in 0..<8 { sums[lane].addProduct(x[index + lane], w[index + lane]) }
            index += 8
        }
        var sum = ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]))
        let rest = count - whole
        if rest == 1 { sum.addProduct(x[whole], w[whole]) }
        if rest >= 2 {
            var tail = (x[whole + 1] * w[whole + 1]).addingProduct(x[whole], w[whole])
            if rest == 3 { tail.addProduct(x[whole + 2], w[whole + 2]) }
            sum += tail
        }
        return sum
    }
}
