# The media host, for Azure Container Apps or any other container platform. No image was built from this file. Its steps are
# `npm run build` and `node dist/media/main.cjs`, which the tests run.

# Docker's official image of Node 24.21.0, from Docker's own mirror: a build on Azure needs no Docker Hub login and meets no
# pull limit. The digest is that of node:24.21.0-bookworm-slim, for every platform.
FROM public.ecr.aws/docker/library/node@sha256:2fe369e969550cde8e867afc3fe370b260140cab4a23d467074295b42163d553 AS build
WORKDIR /ringward
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM public.ecr.aws/docker/library/node@sha256:2fe369e969550cde8e867afc3fe370b260140cab4a23d467074295b42163d553
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
WORKDIR /ringward
# Exactly what is deployed: one bundle, one for the SDKs, and no packages.
COPY --from=build /ringward/dist/media ./
USER node
EXPOSE 8080
# Without npm or a shell in between: SIGTERM has to reach it.
CMD ["node", "main.cjs"]
