# syntax=docker/dockerfile:1
# The media host, for Azure Container Apps or wherever containers run. Not tried: where Ringward is developed there is no
# Docker. Each step is what `npm run build` and `node dist/media/main.cjs` do, which are tried.

FROM node:24-bookworm-slim AS build
WORKDIR /ringward
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
WORKDIR /ringward
# Exactly what is deployed: one bundle, one for the SDKs, and no packages.
COPY --from=build /ringward/dist/media ./
USER node
EXPOSE 8080
# As it is, without npm or a shell between: SIGTERM has to reach it.
CMD ["node", "main.cjs"]
