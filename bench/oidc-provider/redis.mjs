// What oidc-provider keeps, in Redis: each model under its name and id, and an index for what belongs to a grant.

import Redis from 'ioredis'

const redis = new Redis(Number(process.env.REDIS_PORT), '127.0.0.1')
const CONSUMABLE = new Set(['AuthorizationCode', 'RefreshToken'])
const OF_A_GRANT = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken'])

export default class RedisAdapter {
  constructor(model) {
    this.model = model
  }

  key(id) {
    return `${this.model}:${id}`
  }

  async upsert(id, payload, expiresIn) {
    const key = this.key(id)
    const commands = redis.multi()
    commands.hset(key, 'payload', JSON.stringify(payload))
    if (expiresIn) commands.expire(key, expiresIn)
    if (OF_A_GRANT.has(this.model) && payload.grantId) {
      commands.rpush(`grant:${payload.grantId}`, key)
      if (expiresIn) commands.expire(`grant:${payload.grantId}`, expiresIn)
    }
    if (payload.uid) commands.set(`uid:${payload.uid}`, id, 'EX', expiresIn)
    await commands.exec()
  }

  async find(id) {
    const { payload, consumed } = await redis.hgetall(this.key(id))
    if (!payload) return undefined
    const found = JSON.parse(payload)
    return CONSUMABLE.has(this.model) && consumed ? { ...found, consumed: Number(consumed) } : found
  }

  async findByUid(uid) {
    const id = await redis.get(`uid:${uid}`)
    return id ? this.find(id) : undefined
  }

  async consume(id) {
    await redis.hset(this.key(id), 'consumed', Math.floor(Date.now() / 1000))
  }

  async destroy(id) {
    await redis.del(this.key(id))
  }

  async revokeByGrantId(grantId) {
    const keys = await redis.lrange(`grant:${grantId}`, 0, -1)
    await redis.del(`grant:${grantId}`, ...keys)
  }
}
