/// What an upload becomes once it has been validated, and what workers load: the unpacked pickles of a model and of the
/// files that came with it, in one piece.
///
/// `COMF`, a version, a count, then for each part the length of its name, its name, the length of its bytes, its bytes;
/// numbers with their low byte first. Reading one builds the model anew from inert values, with all checks: a form is
/// trusted no more than an upload, only known to be readable.
package enum ModelForm {
    private static let magic: [UInt8] = Array("COMF".utf8)
    private static let version: UInt8 = 1
    /// More is no form of ours.
    private static let mostParts = 8

    /// A file of an upload.
    package struct Part: Sendable {
        package let name: String
        package let bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// The part that predicts.
    package static let model = "model"
    /// A transformer that rows go through first.
    package static let scaler = "scaler"
    /// Encoders of texts, by column.
    package static let encoders = "label_encoders"

    /// Validates an upload.
    ///
    /// - Parameters:
    ///   - parts: ``model``, and ``scaler`` or ``encoders`` where they came as files of their own; packed or not.
    ///   - limits: What reading may cost.
    /// - Returns: The form, and the model it holds.
    /// - Throws: Why the upload is refused; for other parts than the model, with the part's name.
    package static func make(
        _ parts: [Part],
        limits: ReadingLimits = ReadingLimits()
    ) throws(ModelRejection) -> (form: [UInt8], model: LoadedModel) {
        let deadline = limits.duration.map { ContinuousClock.now + $0 }
        var plain: [Part] = []
        for part in parts {
            do {
                plain.append(
                    Part(
                        name: part.name,
                        bytes: try ModelContainer.open(part.bytes, limits: limits, deadline: deadline)
                    )
                )
            } catch {
                throw error.naming(part.name)
            }
        }
        let model = try assemble(plain, limits: limits)
        return (encode(plain), model)
    }

    /// Reads a form.
    ///
    /// - Throws: ``ModelRejection`` for what is none, or of a newer version than this build's.
    package static func read(_ form: [UInt8], limits: ReadingLimits = ReadingLimits()) throws(ModelRejection)
        -> LoadedModel
    {
        try assemble(try decode(form), limits: limits)
    }

    // MARK: The model

    private static func assemble(_ parts: [Part], limits: ReadingLimits) throws(ModelRejection) -> LoadedModel {
        guard let main = parts.first(where: { $0.name == model }) else {
            throw ModelRejection(.unsupported, "the upload has no model")
        }
        for part in parts where ![model, scaler, encoders].contains(part.name) {
            throw ModelRejection(.unsupported, "no part of a model is called \(Excerpt.of(part.name))")
        }
        return try ModelBundle.read(
            model: main.bytes,
            scaler: parts.first { $0.name == scaler }?.bytes,
            encoders: parts.first { $0.name == encoders }?.bytes,
            limits: limits
        ).model
    }

    // MARK: The bytes

    private static func encode(_ parts: [Part]) -> [UInt8] {
        var bytes = magic + [version, UInt8(truncatingIfNeeded: parts.count)]
        bytes.reserveCapacity(64 + parts.reduce(0) { $0 + $1.bytes.count + 64 })
        for part in parts {
            let name = Array(part.name.utf8.prefix(255))
            bytes.append(UInt8(truncatingIfNeeded: name.count))
            bytes += name
            for shift in stride(from: 0, to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: part.bytes.count >> shift))
            }
            bytes += part.bytes
        }
        return bytes
    }

    private static func decode(_ form: [UInt8]) throws(ModelRejection) -> [Part] {
        var place = 0
        func take(_ count: Int) throws(ModelRejection) -> ArraySlice<UInt8> {
            guard count >= 0, count <= form.count - place else {
                throw ModelRejection(.malformed, "the form breaks off", at: place)
            }
            place += count
            return form[(place - count)..<place]
        }
        guard try take(4).elementsEqual(magic) else {
            throw ModelRejection(.badContainer, "the bytes are no form", at: 0)
        }
        let head = try Array(take(2))
        guard head[0] == version else {
            throw ModelRejection(.unsupported, "the form is of version \(head[0]), this build reads \(version)", at: 4)
        }
        guard head[1] <= mostParts else { throw ModelRejection(.malformed, "the form has \(head[1]) parts", at: 5) }
        var parts: [Part] = []
        for _ in 0..<head[1] {
            let length = Int(try Array(take(1))[0])
            let name = String(decoding: try take(length), as: UTF8.self)
            let size = try take(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            parts.append(Part(name: name, bytes: Array(try take(Int(clamping: size)))))
        }
        guard place == form.count else { throw ModelRejection(.malformed, "bytes follow the form", at: place) }
        return parts
    }
}

extension ModelRejection {
    fileprivate func naming(_ part: String) -> ModelRejection {
        part == ModelForm.model ? self : ModelRejection(reason, "\(part): \(message)", at: offset)
    }
}
