import Glibc

/// Packs segments into blocks of a database file, one commit's behind each other.
///
/// A segment begins behind the one before it where its blocks can follow, else in a run of free blocks of its own.
struct BlockWriter {
    private let file: DatabaseFile
    /// The block that is being filled.
    private var current: BlockSpan?
    private var block = 0
    private var filled = 0
    private let buffer = Buffer(byteCount: DatabaseFile.blockPayload)

    init(_ file: DatabaseFile) { self.file = file }

    /// Writes a segment; it is in the file after `finish` only.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(ZLError) -> BlockAddress {
        let payload = DatabaseFile.blockPayload
        align()
        let further = max(0, (filled + bytes.count - 1) / payload)
        var spans: [BlockSpan] = []
        if current != nil, filled < payload, further == 0 {
            spans = [file.space.share(block..<block + 1)]
        } else if current != nil, filled < payload, let next = file.space.claim(further, at: block + 1) {
            spans = [file.space.share(block..<block + 1), next]
        } else {
            try finish()
            let run = file.space.claim(max(1, (bytes.count + payload - 1) / payload))
            spans = [run]
            block = run.blocks.lowerBound
            filled = 0
        }
        let address = BlockAddress(block: block, offset: filled, length: bytes.count, spans: spans)
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            if filled == payload {
                try flush()
                block += 1
                filled = 0
            }
            let piece = min(bytes.count - done, payload - filled)
            memcpy(buffer.address + filled, base + done, piece)
            filled += piece
            done += piece
        }
        current = file.space.share(block..<block + 1)
        return address
    }

    /// Moves to where a segment may begin: zero bytes up to the alignment, or up to the end of the payload, which is no multiple of it.
    private mutating func align() {
        let alignment = BlockAddress.alignment
        let aligned = min((filled + alignment - 1) / alignment * alignment, DatabaseFile.blockPayload)
        memset(buffer.address + filled, 0, aligned - filled)
        filled = aligned
    }

    /// Writes the block that is not full.
    mutating func finish() throws(ZLError) {
        guard current != nil else { return }
        memset(buffer.address + filled, 0, DatabaseFile.blockPayload - filled)
        try flush()
        current = nil
        filled = 0
    }

    private func flush() throws(ZLError) {
        try file.writeBlock(block, UnsafeRawBufferPointer(start: buffer.address, count: DatabaseFile.blockPayload))
    }
}

/// Where a segment lies: `length` bytes from byte `offset` of block `block`'s payload on, through the blocks behind it.
struct BlockAddress: Sendable {
    /// Segments begin at multiples of this.
    static let alignment = 64

    let block: Int
    let offset: Int
    let length: Int
    /// What keeps the blocks from being given out again.
    let spans: [BlockSpan]

    /// The blocks of an address, nil where it makes no sense.
    static func blocks(block: Int, offset: Int, length: Int) -> Range<Int>? {
        let payload = DatabaseFile.blockPayload
        guard block >= 0, offset >= 0, length >= 0, offset < payload, offset % alignment == 0, block < 1 << 32, length < 1 << 40 else {
            return nil
        }
        return block..<block + max(1, (offset + length + payload - 1) / payload)
    }
}
