extension Int64 {
    /// The sum, held at the ends of the range.
    func saturatingAdd(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The product, held at the ends of the range.
    func saturatingMultiply(_ other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }

    /// The closest value of the range.
    init(saturating wide: Int128) {
        self = wide > Int128(Int64.max) ? .max : (wide < Int128(Int64.min) ? .min : Int64(wide))
    }
}
