package import Contract
package import FoundationEssentials

/// An upload that has arrived whole.
package struct NewModel: Sendable {
    /// A file of it.
    package struct Part: Sendable {
        package let name: String
        package let fileName: String
        package let file: SpooledFile

        package init(name: String, fileName: String, file: SpooledFile) {
            self.name = name
            self.fileName = fileName
            self.file = file
        }
    }

    package let id: UUID
    package let name: String
    package let version: String
    package let type: ModelType
    /// `YYYY-MM-DD`, a day that exists.
    package let trainedUntil: String
    package let uploadedBy: String
    package let uploader: String?
    package let metadata: JSONObject
    /// The model itself.
    package let model: Part
    /// Scaler and label encoders, where they are files of their own.
    package let parts: [Part]

    package init(
        id: UUID = UUID(),
        name: String,
        version: String,
        type: ModelType,
        trainedUntil: String,
        uploadedBy: String,
        uploader: String?,
        metadata: JSONObject,
        model: Part,
        parts: [Part]
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.type = type
        self.trainedUntil = trainedUntil
        self.uploadedBy = uploadedBy
        self.uploader = uploader
        self.metadata = metadata
        self.model = model
        self.parts = parts
    }
}
