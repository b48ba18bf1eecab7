import ZLColumnar

/// One Databento CSV file as the columns of its schema in DBN. The header names the columns; their order does not count.
struct DatabentoCSVScan: FileScan {
    let columns: [FileColumn]
    private let scan: CSVScan
    private let outputs: [Output]
    private let options: DBNOptions

    var taskCount: Int { scan.taskCount }
    var estimatedRowCount: Int? { scan.estimatedRowCount }

    /// Where a column comes from and how its texts are to be read.
    private struct Output {
        /// Position in the CSV file; nil: the column is all NULL.
        var source: Int?
        var kind: DBNFieldKind?
        /// Integers instead of pretty prices or timestamps.
        var isRaw = false
    }

    init(path: String, options: DBNOptions, cancellation: CancellationFlag) throws {
        var csv = CSVOptions()
        csv.hasHeader = true
        csv.delimiter = UInt8(ascii: ",")
        csv.includesFilename = options.includesFilename
        // why: most columns are read as other types than those found, so what the analysis parses is of no use.
        let found = try CSVScan(paths: [path], options: csv, cancellation: cancellation, keepsRows: false)
        let positions = Dictionary(uniqueKeysWithValues: found.columns.enumerated().map { ($1.name, $0) })
        let layout = try DatabentoCSVScan.layout(of: found.columns, path)
        self.options = options
        var columns: [FileColumn] = []
        var outputs: [Output] = []
        var types = found.columns
        var fields = layout.fields
        if positions["ts_out"] != nil { fields.append(DBNField("ts_out", 0, .timestamp)) }
        for field in fields {
            let source = positions[field.name] ?? 0
            let isRaw = DatabentoCSVScan.isRaw(field.kind, found.columns[source].type)
            types[source].type = DatabentoCSVScan.readType(field.kind, isRaw: isRaw)
            columns.append(FileColumn(name: field.name, type: field.kind.columnType(priceAsDecimal: options.priceAsDecimal)))
            outputs.append(Output(source: source, kind: field.kind, isRaw: isRaw))
        }
        columns.append(FileColumn(name: "symbol", type: .varchar))
        outputs.append(Output(source: positions["symbol"], kind: nil))
        if let symbol = positions["symbol"] { types[symbol].type = .varchar }
        if options.includesFilename {
            columns.append(FileColumn(name: "filename", type: .varchar))
            outputs.append(Output(source: positions["filename"], kind: nil))
        }
        self.columns = columns
        self.outputs = outputs
        scan = found.retyped(types)
    }

    /// The layout whose fields are exactly the columns of the file, but for `ts_out`, `symbol` and `filename`.
    private static func layout(of columns: [FileColumn], _ path: String) throws(ZLError) -> DBNRecordLayout {
        let own = Set(columns.map { $0.name }).subtracting(["ts_out", "symbol", "filename"])
        var nearest: (layout: DBNRecordLayout, difference: Int)?
        for schema in DBNSchema.allCases {
            guard let layout = DBNRecordLayout.layouts(of: schema).first else { continue }
            let difference = own.symmetricDifference(layout.fields.map { $0.name }).count
            if difference < nearest?.difference ?? Int.max { nearest = (layout, difference) }
        }
        if let nearest, nearest.difference == 0 { return nearest.layout }
        let names = Set((nearest?.layout.fields ?? []).map { $0.name })
        let missing = names.subtracting(own).sorted()
        let foreign = own.subtracting(names).sorted()
        let reasons = [
            missing.isEmpty ? nil : "column \(missing.joined(separator: ", ")) is missing",
            foreign.isEmpty ? nil : "column \(foreign.joined(separator: ", ")) is unknown",
        ]
        throw ZLError(
            .io, "not_databento", "\(path) has the columns of no Databento schema that is read: \(reasons.compactMap { $0 }.joined(separator: ", "))")
    }

    private static func isRaw(_ kind: DBNFieldKind, _ detected: DataType) -> Bool {
        (kind == .price || kind == .timestamp) && detected.isInteger
    }

    /// The type that a CSV column is read as, before conversion.
    private static func readType(_ kind: DBNFieldKind, isRaw: Bool) -> DataType {
        switch kind {
        case .price: isRaw ? .bigint : .decimal(precision: 19, scale: 9)
        case .timestamp: isRaw ? .ubigint : .timestampNS
        default: kind.columnType(priceAsDecimal: false)
        }
    }

    func read(
        task: Int, projection: [Int], cancellation: CancellationFlag, emit: (DataChunk) throws -> Void
    ) throws {
        let sources = projection.compactMap { outputs[$0].source }
        try scan.read(task: task, projection: sources, cancellation: cancellation) { chunk in
            var vectors: [ColumnVector] = []
            var next = 0
            for column in projection {
                guard outputs[column].source != nil else {
                    vectors.append(.nulls(columns[column].type, count: chunk.rowCount))
                    continue
                }
                vectors.append(try convert(chunk.columns[next], outputs[column], columns[column]))
                next += 1
            }
            try emit(DataChunk(columns: vectors, rowCount: chunk.rowCount))
        }
    }

    private func convert(_ vector: ColumnVector, _ output: Output, _ column: FileColumn) throws(ZLError) -> ColumnVector {
        switch output.kind {
        case .price: output.isRaw ? rawPrices(vector) : prettyPrices(vector)
        case .timestamp: output.isRaw ? try rawTimestamps(vector, column) : vector
        case .optionalUInt16: blanked(vector, UInt16.self, [.max])
        case .optionalUInt32: blanked(vector, UInt32.self, [.max])
        // why: a file of version 1 or 2 may have been written with the 32-bit mark.
        case .optionalInt64, .widenedInt32: blanked(vector, Int64.self, [.max, Int64(Int32.max)])
        default: vector
        }
    }

    /// NULL instead of the marks of an undefined value.
    private func blanked<T: Equatable>(_ vector: ColumnVector, _ element: T.Type, _ marks: [T]) -> ColumnVector {
        let values = vector.values(T.self)
        var bitmap: ValidityBitmap?
        for row in 0..<vector.count where !vector.isNull(row) && marks.contains(values[row]) {
            let made = bitmap ?? ValidityBitmap(count: vector.count, allValid: true)
            made.setNull(row)
            bitmap = made
        }
        guard let bitmap else { return vector }
        return vector.withValidity(ValidityBitmap.intersection(bitmap, vector.validity, count: vector.count))
    }

    private static let unitsPerOne = 1e9

    /// The greatest Int64 is undefined, as in DBN.
    private func rawPrices(_ vector: ColumnVector) -> ColumnVector {
        let values = vector.values(Int64.self)
        let builder = ColumnBuilder(type: DBNFieldKind.price.columnType(priceAsDecimal: options.priceAsDecimal), capacity: vector.count)
        for row in 0..<vector.count {
            if vector.isNull(row) || values[row] == Int64.max {
                builder.appendNull()
            } else if options.priceAsDecimal {
                builder.append(Int128(values[row]))
            } else {
                builder.append(Double(values[row]) / DatabentoCSVScan.unitsPerOne)
            }
        }
        return builder.finish()
    }

    private func prettyPrices(_ vector: ColumnVector) -> ColumnVector {
        guard !options.priceAsDecimal else { return vector }
        let values = vector.values(Int128.self)
        let builder = ColumnBuilder(type: .double, capacity: vector.count)
        for row in 0..<vector.count {
            if vector.isNull(row) { builder.appendNull() } else { builder.append(Double(values[row]) / DatabentoCSVScan.unitsPerOne) }
        }
        return builder.finish()
    }

    private func rawTimestamps(_ vector: ColumnVector, _ column: FileColumn) throws(ZLError) -> ColumnVector {
        let values = vector.values(UInt64.self)
        let builder = ColumnBuilder(type: .timestampNS, capacity: vector.count)
        for row in 0..<vector.count {
            if vector.isNull(row) || values[row] == 0 || values[row] == UInt64.max {
                builder.appendNull()
            } else if let ticks = Int64(exactly: values[row]) {
                builder.append(ticks)
            } else {
                throw ZLError(.conversion, "csv_conversion", "\(column.name) \(values[row]) lies beyond the year 2262")
            }
        }
        return builder.finish()
    }
}
