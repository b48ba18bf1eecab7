import ZLColumnar

/// Puts neighbouring batches of few rows together, so that what follows has fewer batches to handle.
struct SmallBatches {
    private var held: [Batch] = []
    private var rowCount = 0

    /// Batches of fewer rows wait for others.
    private static let least = DataChunk.capacity / 4

    /// Gives the batch on, or holds it until more rows come.
    mutating func add(_ batch: Batch, _ emit: (Batch) throws -> Void) throws {
        let count = batch.chunk.rowCount
        if count >= SmallBatches.least || rowCount + count > DataChunk.capacity { try flush(emit) }
        if count >= SmallBatches.least { return try emit(batch) }
        held.append(batch)
        rowCount += count
    }

    /// Gives what is held.
    mutating func flush(_ emit: (Batch) throws -> Void) throws {
        guard let first = held.first else { return }
        let batches = held
        held.removeAll(keepingCapacity: true)
        let count = rowCount
        rowCount = 0
        if batches.count == 1 { return try emit(first) }
        let columns = first.chunk.columns.indices.map { index in
            ColumnVector.concatenateKeepingForm(batches.map { $0.chunk.columns[index] })
        }
        let blocks = ColumnVector.concatenate(batches.map { $0.blockOfEachRow() }, type: .uinteger)
        try emit(Batch(chunk: DataChunk(columns: columns, rowCount: count), blocks: blocks))
    }
}
