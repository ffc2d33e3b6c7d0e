import Contract

/// The region a request is about, and how that is known.
struct RequestRegion {
    var name: String
    /// Where the caller named it, for an error about it.
    var field: String?
    /// Neither named nor to be derived: the deployment's own.
    var isAssumed = false

    static let names = ["region", "aws_region"]

    /// Takes the region that was named, else the one that follows from what was sent, else the default.
    ///
    /// - Throws: 422 for a name that no region can have.
    init(
        _ named: JSONReader?,
        or derived: @autoclosure () throws(APIError) -> (name: String?, field: String?),
        _ defaults: EngineDefaults
    ) throws(APIError) {
        if let named {
            name = try named.regionName()
            field = named.field
            return
        }
        let derived = try derived()
        name = derived.name ?? defaults.region
        field = derived.name == nil ? nil : derived.field
        isAssumed = derived.name == nil
    }
}

extension JSONReader {
    /// The name of an AWS region, in small letters.
    ///
    /// - Throws: 422 for a text that no region can have as its name.
    func regionName() throws(APIError) -> String {
        let name = try string().lowercased()
        guard RegionName.isWellFormed(name) else {
            throw invalid(
                "is not an AWS region name",
                hint: "Send a name such as us-east-1.",
                code: .unknownRegion
            )
        }
        return name
    }
}
