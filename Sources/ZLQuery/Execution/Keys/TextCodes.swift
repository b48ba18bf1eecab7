import ZLColumnar

/// Text keys as numbers where all vectors of the column have one dictionary: rows are grouped by their codes, and texts are neither hashed,
/// compared nor copied. NULL stays NULL.
struct TextCodes: Sendable {
    /// For each key the dictionary; nil where it is grouped by its values.
    private let dictionaries: [ColumnVector?]
    /// For each key the type of the numbers; nil where it keeps its own.
    let types: [DataType?]

    /// Some vector has another dictionary after all: another statement changed what the table's segments hold.
    struct Unfit: Error {}

    /// nil where no key is such a text.
    init?(_ keys: [BoundExpression], of child: any PhysicalOperator, _ context: ExecutionContext) throws(ZLError) {
        guard child.isRereadable else { return nil }
        var dictionaries: [ColumnVector?] = []
        for key in keys {
            guard case .column(let id) = key.kind, key.type.physical == .string else {
                dictionaries.append(nil)
                continue
            }
            dictionaries.append(try child.sharedTexts(of: id, context))
        }
        guard dictionaries.contains(where: { $0 != nil }) else { return nil }
        self.dictionaries = dictionaries
        types = dictionaries.map { $0 == nil ? nil : .uinteger }
    }

    /// The range of a key's numbers.
    func bounds(of key: Int) -> ClosedRange<Int64>? {
        dictionaries[key].flatMap { $0.count > 0 ? 0...Int64($0.count - 1) : nil }
    }

    /// A batch that begins with the keys, with numbers for texts.
    ///
    /// - Throws: `Unfit`
    func numbered(_ batch: Batch) throws -> Batch {
        var columns = batch.chunk.columns
        for (key, dictionary) in dictionaries.enumerated() {
            guard let dictionary else { continue }
            guard columns[key].form == .dictionary, columns[key].dictionary === dictionary else { throw Unfit() }
            columns[key] = columns[key].codeColumn
        }
        return batch.with(columns)
    }

    /// Groups' keys with texts for numbers.
    ///
    /// - Parameter set: which keys these are.
    func texts(of columns: [ColumnVector], _ set: [Int]) -> [ColumnVector] {
        zip(set, columns).map { key, column in
            guard let dictionary = dictionaries[key] else { return column }
            let numbers = column.flattened()
            let codes = Buffer(byteCount: max(16, numbers.count * 4))
            codes.values(UInt32.self).update(from: numbers.values(UInt32.self), count: numbers.count)
            if numbers.mayHaveNulls {
                for row in 0..<numbers.count where numbers.isNull(row) { codes.values(UInt32.self)[row] = 0 }
            }
            return ColumnVector(
                type: dictionary.type, form: .dictionary, count: numbers.count, buffer: codes, validity: numbers.validity,
                dictionary: dictionary)
        }
    }
}
